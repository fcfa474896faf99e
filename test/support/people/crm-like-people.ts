import { createCrmWorld, type CrmPerson } from './crm-world.ts'
import { createDice, type Dice } from './dice.ts'
import type { LabelledPeople } from './labelled-people.ts'
import { mistaken } from './mistakes.ts'
import { NICKNAMES } from './name-lists.ts'

export interface CrmOptions {
  readonly people: number
  readonly seed: number
  /** Share of records that tell a birth date. */
  readonly birthDates?: number
  /** Share of people whose names have a script of their own besides the Latin one. */
  readonly otherScripts?: number
}

/**
 * Customers as four systems of one company know them: households that share an address, a landline and a mailbox,
 * twins, fathers and sons of one name, namesakes, role mailboxes, numbers that changed hands, nicknames, moves, maiden
 * names. What makes it hard is what people share, not the errors.
 */
export const crmLikePeople = (options: CrmOptions): LabelledPeople => {
  const { people, seed, birthDates = 0.3, otherScripts = 0.03 } = options
  const dice = createDice(seed)
  const records = createCrmWorld(people, otherScripts, dice).flatMap((person) =>
    Array.from({ length: dice.weighted(RECORDS) }, () => ({
      person,
      cells: recordOf(person, birthDates, dice),
    })),
  )
  const shuffled = shuffle(records, dice)
  const idOf = (at: number): string => `r${String(at).padStart(5, '0')}`
  return {
    columns: ['rec_id', ...COLUMNS],
    rows: shuffled.map(({ cells }, at) => [idOf(at), ...COLUMNS.map((column) => cells[column])]),
    personOf: new Map(shuffled.map(({ person }, at) => [idOf(at), person.number])),
    fields: KINDS,
  }
}

const KINDS = {
  given_name: 'given_name',
  surname: 'family_name',
  email: 'email',
  phone: 'phone',
  date_of_birth: 'date_of_birth',
  street_number: 'house_number',
  street: 'street',
  postcode: 'postcode',
  suburb: 'city',
  company: 'company',
} as const

type Column = keyof typeof KINDS | 'source'

const COLUMNS: readonly Column[] = [
  'source',
  'given_name',
  'surname',
  'email',
  'phone',
  'date_of_birth',
  'street_number',
  'street',
  'postcode',
  'suburb',
  'company',
]

const RECORDS: readonly (readonly [number, number])[] = [
  [29, 1],
  [28, 2],
  [20, 3],
  [12, 4],
  [7, 5],
  [4, 6],
]

/** What each system asks for: the app knows birth dates and no address, the shop knows where to send a parcel. */
const SOURCES = {
  app: { email: 0.95, phone: 0.6, birth: 2, address: 0.2, company: 0.2 },
  crm: { email: 0.75, phone: 0.65, birth: 1, address: 0.95, company: 0.3 },
  shop: { email: 0.95, phone: 0.55, birth: 0.4, address: 1, company: 0.2 },
  support: { email: 0.6, phone: 0.7, birth: 0.6, address: 0.9, company: 0.2 },
} as const

const recordOf = (person: CrmPerson, birthDates: number, dice: Dice): Record<Column, string> => {
  const source = dice.of(['app', 'crm', 'shop', 'support'] as const)
  const has = SOURCES[source]
  const either = (chance: number, value: () => string): string => dice.sometimes(chance, value, '')
  const home = dice.weighted([
    [3, person.homes.at(-1)],
    [1, person.homes[0]],
  ])
  const isFull = dice.chance(0.75)
  const isWork = person.company !== '' && dice.chance(has.company * 2)
  return {
    source,
    ...namesOf(person, dice),
    email: either(has.email, () => written(mailOf(person, source, dice), dice)),
    phone: either(has.phone, () => dialled(dice.of(person.phones), dice)),
    date_of_birth: either(birthDates * has.birth, () =>
      dice.sometimes(0.05, () => wrongDate(person.born, dice), person.born),
    ),
    ...(home !== undefined && dice.chance(has.address)
      ? {
          street_number: isFull ? home.number : '',
          street: isFull ? dice.sometimes(0.1, () => mistaken(home.street, dice), home.street) : '',
          postcode: dice.sometimes(
            0.02,
            () => `${home.postcode.slice(0, 3)}${dice.digits(1)}`,
            home.postcode,
          ),
          suburb: dice.sometimes(0.04, () => mistaken(home.suburb, dice), home.suburb),
        }
      : { street_number: '', street: '', postcode: '', suburb: '' }),
    company: isWork ? person.company : '',
  }
}

const namesOf = (person: CrmPerson, dice: Dice): { given_name: string; surname: string } => {
  const native = person.native !== null && dice.chance(0.5) ? person.native : null
  const family = dice.weighted([
    [3, person.families.at(-1) ?? ''],
    [1, person.families[0] ?? ''],
  ])
  const given = native?.given ?? person.given
  const given_name = dice.weighted<() => string>([
    [78, () => given],
    [8, () => dice.of(NICKNAMES.get(person.given) ?? [given])],
    [4, () => Array.from(given)[0] ?? ''],
    [4, () => ''],
    [6, () => mistaken(given, dice)],
  ])()
  const surname = dice.sometimes(
    0.07,
    () => mistaken(native?.family ?? family, dice),
    native?.family ?? family,
  )
  const isSwapped = given_name !== '' && dice.chance(0.015)
  return isSwapped ? { given_name: surname, surname: given_name } : { given_name, surname }
}

const mailOf = (person: CrmPerson, source: string, dice: Dice): string => {
  const mail = dice.weighted([
    [78, () => dice.of(person.mails)],
    [8, () => person.familyMail],
    [4, () => (person.company === '' ? dice.of(person.mails) : `info@${person.company}.example`)],
    [4, () => dice.of(person.mails).replace('@', `+${source}@`)],
  ])()
  return dice.sometimes(
    0.015,
    () => mistaken(mail.split('@')[0] ?? '', dice) + mail.slice(mail.indexOf('@')),
    mail,
  )
}

/** Mailboxes as people type them: capitals mean nothing. */
const written = (mail: string, dice: Dice): string =>
  dice.weighted<() => string>([
    [84, () => mail],
    [12, () => mail.replace(/(^|[._@])[a-z]/g, (start) => start.toUpperCase())],
    [4, () => mail.toUpperCase()],
  ])()

/** One number in the ways it is written. `digits` is national, with the leading zero. */
const dialled = (digits: string, dice: Dice): string =>
  dice.weighted<() => string>([
    [50, () => digits],
    [30, () => `+61 ${digits.slice(1, 4)} ${digits.slice(4, 7)} ${digits.slice(7)}`],
    [20, () => `(${digits.slice(0, 2)}) ${digits.slice(2, 6)}-${digits.slice(6)}`],
  ])()

/** Day and month changed about where that is a date, or a digit off. */
const wrongDate = (date: string, dice: Dice): string => {
  const [year = '', month = '', day = ''] = date.split('-')
  if (Number(day) <= 12 && dice.chance(0.5)) return `${year}-${day}-${month}`
  if (dice.chance(0.3)) return `${Number(year) + dice.of([-10, -1, 1, 10])}-${month}-${day}`
  return `${year}-${month}-${String(1 + ((Number(day) + dice.between(1, 9)) % 28)).padStart(2, '0')}`
}

const shuffle = <Item>(items: readonly Item[], dice: Dice): Item[] => {
  const deck = [...items]
  for (let last = deck.length - 1; last > 0; last -= 1) {
    const other = dice.below(last + 1)
    const [one, two] = [deck[last], deck[other]]
    if (one !== undefined && two !== undefined) [deck[last], deck[other]] = [two, one]
  }
  return deck
}
