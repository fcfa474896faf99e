import { createDice, type Dice } from './dice.ts'
import type { LabelledPeople } from './labelled-people.ts'
import { mistaken, mistyped } from './mistakes.ts'
import { GIVEN_NAMES, NICKNAMES, STATES, STREETS, SUBURBS, SURNAMES } from './name-lists.ts'

export interface FebrlOptions {
  readonly people: number
  readonly seed: number
  /** `one`: each person has exactly one copy, as in a link of two files; `many`: most none, some up to five. */
  readonly copies: 'one' | 'many'
  /** How many errors a copy may have at most; four of one copy and eight of many unless told otherwise. */
  readonly errors?: number
  /** Columns that the mapping leaves out. */
  readonly without?: readonly ('soc_sec_id' | 'date_of_birth')[]
}

/**
 * People in the manner of the Febrl generator (Christen 2005): each stands alone (no household), has an original record
 * and copies of it with up to `errors` errors, and fields are drawn independently of one another.
 */
export const febrlLikePeople = ({
  people,
  seed,
  copies,
  without = [],
  errors = MOST_ERRORS[copies],
}: FebrlOptions): LabelledPeople => {
  const dice = createDice(seed)
  const rows: string[][] = []
  const personOf = new Map<string, number>()
  for (let person = 0; person < people; person += 1) {
    const original = originalOf(dice)
    const count = copies === 'one' ? 1 : dice.weighted(COPIES)
    const versions = [original, ...Array.from({ length: count }, () => copyOf(original, errors, dice))]
    versions.forEach((version, at) => {
      const id = at === 0 ? `rec-${person}-org` : `rec-${person}-dup-${at - 1}`
      personOf.set(id, person)
      rows.push([id, ...COLUMNS.map((column) => version[column])])
    })
  }
  const left = new Set<string>(without)
  const fields = Object.fromEntries(Object.entries(KINDS).filter(([column]) => !left.has(column)))
  return { columns: ['rec_id', ...COLUMNS], rows, personOf, fields }
}

/** The originals as one file and the copies as another: who is in both is to be found. */
export const inTwoFiles = (people: LabelledPeople): readonly [LabelledPeople, LabelledPeople] => {
  const isOriginal = ([id = '']: readonly string[]): boolean => id.endsWith('-org')
  return [
    { ...people, rows: people.rows.filter(isOriginal) },
    { ...people, rows: people.rows.filter((row) => !isOriginal(row)) },
  ]
}

const KINDS = {
  given_name: 'given_name',
  surname: 'family_name',
  street_number: 'house_number',
  address_1: 'street',
  suburb: 'city',
  postcode: 'postcode',
  state: 'region',
  date_of_birth: 'date_of_birth',
  soc_sec_id: 'national_id',
} as const

type Column = keyof typeof KINDS | 'address_2'
type Person = Record<Column, string>

const COLUMNS: readonly Column[] = [
  'given_name',
  'surname',
  'street_number',
  'address_1',
  'address_2',
  'suburb',
  'postcode',
  'state',
  'date_of_birth',
  'soc_sec_id',
]

/** Weight, copies of one original: most have none, few have five. */
const COPIES: readonly (readonly [number, number])[] = [
  [42, 0],
  [18, 1],
  [13, 2],
  [11, 3],
  [8, 4],
  [8, 5],
]

const MOST_ERRORS = { one: 4, many: 8 } as const

const originalOf = (dice: Dice): Person => ({
  given_name: dice.sometimes(0.03, () => '', dice.often(GIVEN_NAMES)),
  surname: dice.sometimes(0.01, () => '', dice.often(SURNAMES)),
  street_number: dice.sometimes(0.03, () => '', String(dice.between(1, dice.chance(0.8) ? 120 : 999))),
  address_1: dice.sometimes(0.03, () => '', dice.of(STREETS)),
  address_2: dice.sometimes(
    0.12,
    () => '',
    `${dice.of(SURNAMES)} ${dice.of(['park', 'house', 'estate', 'flats'])}`,
  ),
  suburb: dice.sometimes(0.01, () => '', dice.of(SUBURBS)),
  postcode: String(dice.between(2000, 2000 + 1800)),
  state: dice.sometimes(0.015, () => '', dice.often(STATES)),
  date_of_birth: dice.sometimes(0.02, () => '', dateIn(1900, 1999, dice)),
  soc_sec_id: String(dice.between(1_000_000, 9_999_999)),
})

const dateIn = (first: number, last: number, dice: Dice): string => {
  const [month, day] = [dice.between(1, 12), dice.between(1, 28)]
  return `${dice.between(first, last)}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`
}

/** How prone each field is to an error. */
const PRONE: readonly (readonly [number, Column])[] = [
  [10, 'given_name'],
  [12, 'surname'],
  [10, 'street_number'],
  [16, 'address_1'],
  [16, 'address_2'],
  [14, 'suburb'],
  [6, 'postcode'],
  [5, 'state'],
  [7, 'date_of_birth'],
  [4, 'soc_sec_id'],
]

const copyOf = (original: Person, errors: number, dice: Dice): Person => {
  const copy = { ...original }
  const changes = dice.between(1, errors)
  for (let turn = 0; turn < changes; turn += 1) change(copy, dice.weighted(PRONE), dice)
  return copy
}

const change = (person: Person, column: Column, dice: Dice): void => {
  const value = person[column]
  const how = dice.weighted(CHANGES)
  if (how === 'swap') swap(person, column)
  else if (value === '') return
  else if (how === 'missing') person[column] = column === 'soc_sec_id' ? mistyped(value, dice) : ''
  else if (how === 'other') person[column] = originalOf(dice)[column]
  else if (how === 'nickname') person[column] = dice.of(NICKNAMES.get(value) ?? [mistaken(value, dice)])
  else person[column] = /^\d+$/.test(value) ? digitsMistyped(value, dice) : mistaken(value, dice)
}

const CHANGES: readonly (readonly [number, 'swap' | 'missing' | 'other' | 'nickname' | 'mistake'])[] = [
  [4, 'swap'],
  [10, 'missing'],
  [5, 'other'],
  [3, 'nickname'],
  [78, 'mistake'],
]

/** Values in one another's column. */
const swap = (person: Person, column: Column): void => {
  const other = (
    { given_name: 'surname', surname: 'given_name', address_1: 'address_2', suburb: 'address_2' } as const
  )[column as 'surname'] as Column | undefined
  if (other === undefined) return
  const value = person[column]
  person[column] = person[other]
  person[other] = value
}

const digitsMistyped = (digits: string, dice: Dice): string => {
  const at = dice.below(digits.length)
  if (dice.chance(0.35) && at + 1 < digits.length)
    return `${digits.slice(0, at)}${digits[at + 1] ?? ''}${digits[at] ?? ''}${digits.slice(at + 2)}`
  return `${digits.slice(0, at)}${dice.below(10)}${digits.slice(at + 1)}`
}
