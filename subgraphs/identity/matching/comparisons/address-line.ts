import type { StreetTerm } from '../people/street-term.ts'
import { LIKENESS, likenessOfLines } from './address.ts'
import { UNKNOWN, type Comparison } from './comparison.ts'

export const LINE = { differs: 0, alike: 1, equal: 2 } as const

/** A house, a farm or a flat beside the street: whoever shares the address shares it, too. */
export const ADDRESS_LINE: Comparison = {
  name: 'other address line',
  levels: [
    {
      name: 'differs',
      why: 'One address line agrees, and the other is another one.',
      m: 0.2,
      h: 0.2,
      u: 0.994,
    },
    { name: 'alike', why: 'Both address lines agree, one of them nearly.', m: 0.2, h: 0.2, u: 0.002 },
    { name: 'equal', why: 'Both address lines agree; a rare one says more.', m: 0.6, h: 0.6, u: 0.004 },
  ],
}

/** What is left of two addresses when the lines that are most alike are taken out: they have been compared as streets. */
export function compareOtherLines(one: StreetTerm, other: StreetTerm): number {
  if (one.wholes.length < 2 || other.wholes.length < 2) return UNKNOWN
  const alike = one.wholes.map((_, at) =>
    other.wholes.map((_line, place) => likenessOfLines(one, at, other, place)),
  )
  const [most, row, column] = bestOf(alike)
  // Another address altogether: that is said already.
  if (most === LIKENESS.differs) return UNKNOWN
  const rest = alike.filter((_, at) => at !== row).map((of) => of.filter((_, place) => place !== column))
  return bestOf(rest)[0]
}

function bestOf(
  alike: readonly (readonly number[])[],
): readonly [level: number, row: number, column: number] {
  let best: readonly [number, number, number] = [LIKENESS.differs, 0, 0]
  for (const [row, of] of alike.entries()) {
    for (const [column, level] of of.entries()) if (level > best[0]) best = [level, row, column]
  }
  return best
}
