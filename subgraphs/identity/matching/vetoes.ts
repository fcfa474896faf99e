import { AT, type PeopleComparer } from './compare-people.ts'
import { BIRTH } from './comparisons/birth-date.ts'
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
    (levels[AT.nationalId] === NATIONAL_ID.differs ? VETO.nationalId : 0) |
    (one !== other && one !== 0 && other !== 0 ? VETO.generation : 0)
  )
}
