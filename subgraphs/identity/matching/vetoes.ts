import { AT, type PeopleComparer } from './compare-people.ts'
import { PLACE, STREET, partsOfAddress } from './comparisons/address.ts'
import { BIRTH } from './comparisons/birth-date.ts'
import { isFrom, UNKNOWN } from './comparisons/comparison.ts'
import { FAMILY } from './comparisons/family-name.ts'
import { GIVEN } from './comparisons/given-name.ts'
import { isMisprint, NATIONAL_ID } from './comparisons/national-id.ts'
import type { People } from './people/people.ts'

export const VETOES = [
  {
    name: 'given name',
    why: 'The given names are incompatible: no form, no slip and no initial of one another.',
  },
  {
    name: 'birth date',
    why: 'The birth dates are incompatible: no slip, and not day and month changed about.',
  },
  { name: 'national id', why: 'Each has a national id of its own.' },
  { name: 'generation', why: 'One is called junior, senior or by a number, and the other by another.' },
] as const

/** Bits, one a veto, in the order of VETOES. */
export const VETO = { given: 1, birth: 2, nationalId: 4, generation: 8 } as const
export const ALL_VETOES = 15

/**
 * Why two records are never one person's, whatever else speaks for it; 0: nothing. Only a national id in common says
 * more than a name or a date that differs. Looks at the levels that the pair was just found at.
 */
export function vetoesOf(comparer: PeopleComparer, left: number, right: number, levels: Uint8Array): number {
  const { generation } = comparer.people
  const [one, other] = [generation.of[left] ?? 0, generation.of[right] ?? 0]
  return (
    (isAnotherGiven(comparer, left, right, levels) ? VETO.given : 0) |
    (isAnotherBirth(levels) ? VETO.birth : 0) |
    (levels[AT.nationalId] === NATIONAL_ID.differs && !isOnePersonOtherwise(levels) ? VETO.nationalId : 0) |
    (one !== other && one !== 0 && other !== 0 ? VETO.generation : 0)
  )
}

/** Also by a name that only the mailbox tells. Twins may have been given numbers that follow one another: then a slip is none. */
// eslint-disable-next-line max-params -- two records, and what was found of them
function isAnotherGiven(
  { people, names }: PeopleComparer,
  left: number,
  right: number,
  levels: Uint8Array,
): boolean {
  const id = levels[AT.nationalId]
  if (id === NATIONAL_ID.equal || names.compare(left, right, true)[0] !== GIVEN.differs) return false
  return id !== NATIONAL_ID.slip || levels[AT.birth] !== BIRTH.equal || !isIdMisprint(people, left, right)
}

/** A father and his son of one name have no numbers that follow one another. */
function isAnotherBirth(levels: Uint8Array): boolean {
  const id = levels[AT.nationalId]
  if (id === NATIONAL_ID.equal || levels[AT.birth] !== BIRTH.differs) return false
  const isNamed = isFrom(levels, AT.given, GIVEN.slip) && isFrom(levels, AT.family, FAMILY.slip)
  return id !== NATIONAL_ID.slip || !isNamed
}

const isIdMisprint = ({ nationalId: { of, terms } }: People, left: number, right: number): boolean => {
  const [one, other] = [of[left] ?? 0, of[right] ?? 0]
  return one !== 0 && other !== 0 && isMisprint(terms[one] ?? '', terms[other] ?? '')
}

/**
 * No two people have one given name, one birth date and one house: a number that differs then is written wrong. Twins have
 * names of their own, and a father and his son birth dates; a slip of a name could be either's, and that of a date is not.
 */
function isOnePersonOtherwise(levels: Uint8Array): boolean {
  if (levels[AT.given] !== GIVEN.equal) return false
  if (levels[AT.birth] === BIRTH.slip) return isFrom(levels, AT.family, FAMILY.slip) && isOneHouse(levels)
  if (levels[AT.birth] !== BIRTH.equal) return false
  if (levels[AT.family] === UNKNOWN) return isOneHouse(levels)
  return isFrom(levels, AT.family, FAMILY.part) && (isOneHouse(levels) || isOneNumber(levels))
}

/** The same, or with a slip in the given name: of it another record may have another slip. */
const isOnePersonNearly = (levels: Uint8Array): boolean =>
  isOnePersonOtherwise(levels) ||
  (isFrom(levels, AT.given, GIVEN.slip) &&
    levels[AT.birth] === BIRTH.equal &&
    isFrom(levels, AT.family, FAMILY.slip) &&
    isOneHouse(levels))

function isOneHouse(levels: Uint8Array): boolean {
  const [street, place] = addressOf(levels)
  return street >= STREET.alike && street !== STREET.unknown && place >= PLACE.half && place !== PLACE.unknown
}

/** Where one of them has no street, the number and the place. */
function isOneNumber(levels: Uint8Array): boolean {
  const [street, place] = addressOf(levels)
  return street === STREET.number && place >= PLACE.alike && place !== PLACE.unknown
}

function addressOf(levels: Uint8Array): readonly [street: number, place: number] {
  const address = levels[AT.address] ?? UNKNOWN
  return address === UNKNOWN ? [STREET.unknown, PLACE.unknown] : partsOfAddress(address)
}

/** What a pair says about whether two groups may be one person, beside its odds. */
export interface Objection {
  /** A name, a date or a national id differs. */
  readonly isOpen: boolean
  /** Nothing differs for good, and the national ids, or name, date and house, are one person's. */
  readonly isAnswered: boolean
}

/** From so many records on an identifier is nobody's. */
const CROWD = 24

/**
 * Null: never one person. What differs between two is answered by other records of their groups between which nothing does,
 * and whose ids are one or a slip apart, or whose name, date and house are one person's: of the same thing each of the two
 * may have a slip of its own, and what a group holds that differs was no objection within it.
 */
export function objectionOf(
  comparer: PeopleComparer,
  [left, right]: readonly [number, number],
  levels: Uint8Array,
  inForce: number,
): Objection | null {
  const against = vetoesOf(comparer, left, right, levels) & inForce
  const id = levels[AT.nationalId]
  const { of, counts } = comparer.people.nationalId
  const isCrowd = [left, right].some((record) => (counts[of[record] ?? 0] ?? 0) >= CROWD)
  const isSlip = id === NATIONAL_ID.slip || id === NATIONAL_ID.near
  if (against === 0) {
    const isOne = ((isSlip || id === NATIONAL_ID.equal) && !isCrowd) || isOnePersonNearly(levels)
    return { isOpen: false, isAnswered: isOne }
  }
  return (against & VETO.generation) === 0 ? { isOpen: true, isAnswered: false } : null
}

export const joinedObjection = (one: Objection, other: Objection): Objection => ({
  isOpen: one.isOpen || other.isOpen,
  isAnswered: one.isAnswered || other.isAnswered,
})

export const isForbidden = ({ isOpen, isAnswered }: Objection): boolean => isOpen && !isAnswered
