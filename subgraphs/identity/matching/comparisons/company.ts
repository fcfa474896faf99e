import type { NameTerm } from '../people/name-term.ts'
import { editDistance } from '../text/edit-distance.ts'
import type { Comparison } from './comparison.ts'

export const COMPANY = { differs: 0, alike: 1, equal: 2 } as const

export const EMPLOYER: Comparison = {
  name: 'company',
  levels: [
    { name: 'differs', why: 'Two companies; people change theirs.', m: 0.2, h: 0.9, u: 0.99 },
    { name: 'alike', why: 'The companies are a slip or an ending apart.', m: 0.1, h: 0.01, u: 0.002 },
    { name: 'equal', why: 'The same company; a small one says more.', m: 0.7, h: 0.09, u: 0.004 },
  ],
}

/** The same company, written or out of the domain of a mailbox. */
export function compareCompanies(one: NameTerm, other: NameTerm): number {
  if (one.joined === other.joined) return COMPANY.equal
  const [short, long] =
    one.joined.length < other.joined.length ? [one.joined, other.joined] : [other.joined, one.joined]
  if (short.length < 4) return COMPANY.differs
  return long.startsWith(short) || editDistance(short, long, 2) <= 2 ? COMPANY.alike : COMPANY.differs
}
