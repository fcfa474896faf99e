import type { NameTerm } from '../people/name-term.ts'
import { editDistance } from '../text/edit-distance.ts'
import { jaroWinkler } from '../text/jaro-winkler.ts'
import { UNKNOWN, type Comparison } from './comparison.ts'

export const FAMILY = { differs: 0, faint: 1, part: 2, slip: 3, equal: 4 } as const

export const FAMILY_NAME: Comparison = {
  name: 'family name',
  levels: [
    { name: 'differs', why: 'Two family names.', m: 0.03, h: 0.1, u: 0.991 },
    {
      name: 'faintly alike',
      why: 'The family names sound alike or are farther apart than one slip.',
      m: 0.03,
      h: 0.03,
      u: 0.002,
    },
    { name: 'part', why: 'A part of a compound family name is the other.', m: 0.01, h: 0.01, u: 0.0005 },
    { name: 'slip', why: 'The family names are one slip of the keyboard apart.', m: 0.13, h: 0.13, u: 0.001 },
    { name: 'equal', why: 'The family names are equal; a rare name says more.', m: 0.8, h: 0.73, u: 0.004 },
  ],
}

/** Family names agree when they are equal, a slip apart, or one is a part of the other's compound. */
export function compareFamilyNames(one: NameTerm, other: NameTerm): number {
  if (one.joined === other.joined) return FAMILY.equal
  if (one.script !== other.script) return UNKNOWN
  const [left, right] = one.joined < other.joined ? [one.joined, other.joined] : [other.joined, one.joined]
  const shorter = Math.min(left.length, right.length)
  const distance = editDistance(left, right, 2)
  if (shorter >= 3 && distance <= (shorter >= 6 ? 2 : 1)) return FAMILY.slip
  if (hasPart(one, other)) return FAMILY.part
  if (shorter >= 3 && one.sound === other.sound) return FAMILY.faint
  return isNearlyAlike(left, right, distance) ? FAMILY.faint : FAMILY.differs
}

const isNearlyAlike = (left: string, right: string, distance: number): boolean =>
  Math.min(left.length, right.length) >= 4 && (distance === 2 || jaroWinkler(left, right) >= 0.88)

const hasPart = (one: NameTerm, other: NameTerm): boolean =>
  one.words.length + other.words.length > 2 &&
  one.words.some((word) => word.length >= 3 && other.words.includes(word))
