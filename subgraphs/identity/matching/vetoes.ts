import { AT, type PeopleComparer } from './compare-people.ts'
import { PLACE, STREET, partsOfAddress } from './comparisons/address.ts'
import { BIRTH } from './comparisons/birth-date.ts'
import { UNKNOWN } from './comparisons/comparison.ts'
import { FAMILY } from './comparisons/family-name.ts'
import { GIVEN } from './comparisons/given-name.ts'
import { NATIONAL_ID } from './comparisons/national-id.ts'

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
export function vetoesOf(
  { people, names }: PeopleComparer,
  left: number,
  right: number,
  levels: Uint8Array,
): number {
  const isSameId = levels[AT.nationalId] === NATIONAL_ID.equal
  const [one, other] = [people.generation.of[left] ?? 0, people.generation.of[right] ?? 0]
  // Also by a name that only the mailbox tells.
  const isGivenOther = !isSameId && names.compare(left, right, true)[0] === GIVEN.differs
  return (
    (isGivenOther ? VETO.given : 0) |
    (levels[AT.birth] === BIRTH.differs && !isSameId ? VETO.birth : 0) |
    (levels[AT.nationalId] === NATIONAL_ID.differs && !isOnePersonOtherwise(levels) ? VETO.nationalId : 0) |
    (one !== other && one !== 0 && other !== 0 ? VETO.generation : 0)
  )
}

/**
 * No two people have one given name, one family name, one birth date and one address: a number that differs then is
 * written wrong. Twins have names of their own, and a father and his son birth dates; a slip could be either's.
 */
function isOnePersonOtherwise(levels: Uint8Array): boolean {
  const address = levels[AT.address] ?? UNKNOWN
  if (address === UNKNOWN || levels[AT.given] !== GIVEN.equal || levels[AT.birth] !== BIRTH.equal)
    return false
  const [street, place] = partsOfAddress(address)
  const family = levels[AT.family] ?? UNKNOWN
  const isFamily = family !== UNKNOWN && family >= FAMILY.part
  const isHouse = street >= STREET.alike && street !== STREET.unknown
  return isFamily && isHouse && place >= PLACE.half && place !== PLACE.unknown
}

/** What a pair says about whether two groups may be one person, beside its odds. */
export interface Objection {
  /** A name or a date that differs, where the two national ids are slips of one another. */
  readonly isOpen: boolean
  /** Nothing differs for good, and the national ids are equal or a slip apart. */
  readonly isAnswered: boolean
}

/** From so many records on an identifier is nobody's. */
const CROWD = 24

/**
 * Null: never one person. A name or a date that differs between two whose ids are slips of one another is answered by
 * another record of the group that nothing parts from the other one: its name and date fit, and its id is that id.
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
  if (against === 0) return { isOpen: false, isAnswered: (isSlip || id === NATIONAL_ID.equal) && !isCrowd }
  const isAnswerable = isSlip && (against & ~(VETO.given | VETO.birth)) === 0
  return isAnswerable ? { isOpen: true, isAnswered: false } : null
}

export const joinedObjection = (one: Objection, other: Objection): Objection => ({
  isOpen: one.isOpen || other.isOpen,
  isAnswered: one.isAnswered || other.isAnswered,
})

export const isForbidden = ({ isOpen, isAnswered }: Objection): boolean => isOpen && !isAnswered
