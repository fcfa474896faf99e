import { editDistance } from '../text/edit-distance.ts'
import type { Comparison } from './comparison.ts'

export const BIRTH = { differs: 0, parts: 1, slip: 2, equal: 3 } as const

export const BIRTH_DATE: Comparison = {
  name: 'birth date',
  // Twins are few; a household that is born on one day is one person whose name is wrong.
  isHouseholdFixed: true,
  levels: [
    { name: 'differs', why: 'Two birth dates: two people.', m: 0.02, h: 0.96, u: 0.9965 },
    {
      name: 'two parts equal',
      why: 'Year, month and day agree in two, and the third is not a slip.',
      m: 0.03,
      h: 0.02,
      u: 0.0025,
    },
    {
      name: 'slip',
      why: 'One digit is wrong, two are changed about, or day and month are.',
      m: 0.1,
      h: 0.01,
      u: 0.001,
    },
    { name: 'equal', why: 'The birth dates are equal.', m: 0.85, h: 0.02, u: 0.00005 },
  ],
}

/** Birth dates are compatible when they are equal, a slip apart, with day and month changed about, or agree in two parts. */
export function compareBirthDates(one: string, other: string): number {
  if (one === other) return BIRTH.equal
  const [year, month, day] = partsOf(one)
  const [otherYear, otherMonth, otherDay] = partsOf(other)
  if (year === otherYear && month === otherDay && day === otherMonth) return BIRTH.slip
  if (editDistance(one, other, 1) === 1) return BIRTH.slip
  const agreeing = [year === otherYear, month === otherMonth, day === otherDay].filter(Boolean).length
  return agreeing === 2 ? BIRTH.parts : BIRTH.differs
}

const partsOf = (date: string): readonly [string, string, string] => [
  date.slice(0, 4),
  date.slice(4, 6),
  date.slice(6),
]
