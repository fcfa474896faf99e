import { editDistance } from '../text/edit-distance.ts'
import type { Comparison } from './comparison.ts'

export const NATIONAL_ID = { differs: 0, near: 1, slip: 2, equal: 3 } as const

export const IDENTITY_NUMBER: Comparison = {
  name: 'national id',
  isHouseholdFixed: true,
  levels: [
    { name: 'differs', why: 'Two numbers that are given to one person each.', m: 0.02, h: 0.998, u: 0.9999 },
    {
      name: 'near',
      why: 'Two characters are wrong, missing or changed about.',
      m: 0.02,
      h: 0.0005,
      u: 0.0002,
    },
    {
      name: 'slip',
      why: 'One character is wrong or missing, or two are changed about.',
      m: 0.1,
      h: 0.001,
      u: 0.00001,
    },
    { name: 'equal', why: 'The same number, given to one person.', m: 0.88, h: 0.001, u: 0.000001 },
  ],
}

/** A number given to one person: equal, a slip apart, or somebody else's. */
export function compareNationalIds(one: string, other: string): number {
  if (one === other) return NATIONAL_ID.equal
  const isSlip = Math.min(one.length, other.length) >= 5 && editDistance(one, other, 1) === 1
  if (isSlip) return NATIONAL_ID.slip
  // Each may be a slip of the right one.
  return Math.min(one.length, other.length) >= 7 && editDistance(one, other, 2) === 2
    ? NATIONAL_ID.near
    : NATIONAL_ID.differs
}

/** Numbers that are given one after the other, to two of a family, differ at the end. */
const RUNNING = 1

/** Whether the one is a slip of the other, and not the next number of a row. */
export function isMisprint(one: string, other: string): boolean {
  if (compareNationalIds(one, other) !== NATIONAL_ID.slip) return false
  return one.length !== other.length || one.slice(0, -RUNNING) !== other.slice(0, -RUNNING)
}
