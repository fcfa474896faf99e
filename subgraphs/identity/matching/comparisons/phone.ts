import { editDistance } from '../text/edit-distance.ts'
import type { Comparison } from './comparison.ts'

export const PHONE = { differs: 0, slip: 1, shared: 2, equal: 3 } as const

export const PHONE_NUMBER: Comparison = {
  name: 'phone',
  levels: [
    { name: 'differs', why: 'Two numbers; many people have two.', m: 0.3, h: 0.7, u: 0.9999 },
    {
      name: 'slip',
      why: 'One digit is wrong or missing, or two are changed about.',
      m: 0.03,
      h: 0.01,
      u: 0.000001,
    },
    {
      name: 'equal, shared',
      why: 'A number that people of different names give.',
      m: 0.1,
      h: 0.2,
      u: 0.00001,
    },
    { name: 'equal', why: 'The same number.', m: 0.57, h: 0.09, u: 0.000001 },
  ],
}

/** The same number says little when people of different names give it: a household’s, an office’s, or one given out again. */
export function comparePhones(one: string, other: string, isShared: boolean): number {
  if (one === other) return isShared ? PHONE.shared : PHONE.equal
  return editDistance(one, other, 1) === 1 ? PHONE.slip : PHONE.differs
}
