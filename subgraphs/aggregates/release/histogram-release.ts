import type { Bounded } from '../bound-contributions.ts'
import type { Metric } from '../metric.ts'
import { audiencePart, type Part } from './part.ts'
import { CONFIDENCE, type Estimate, type Kind } from './release.ts'

/**
 * How many people are in each cell. One person is in at most `metric.cells` of them: the first ones in the order in which
 * contributions are drawn. The cells are those that were declared, never those that somebody is in.
 */
export const histogramKind = (
  { cells: most, contributions }: Metric,
  count: number,
): Kind<readonly Estimate[]> => ({
  parts: [audiencePart, cellsPart(Math.min(most, contributions, count), count)],
  shown: ([, cells]) => {
    const reach = cells?.noise.reach(1 - CONFIDENCE) ?? 0
    return (cells?.values ?? []).map((value) => ({
      value: Math.max(0, value),
      low: Math.max(0, value - reach),
      high: Math.max(0, value + reach),
    }))
  },
})

const cellsPart = (most: number, count: number): Part => ({
  sensitivity: most,
  squaredSensitivity: most,
  weight: 3,
  count: (people) => {
    const counts = Array.from({ length: count }, () => 0n)
    for (const own of people)
      for (const cell of firstCells(own, most)) counts[cell] = (counts[cell] ?? 0n) + 1n
    return counts
  },
})

const firstCells = (own: Bounded[number], most: number): readonly number[] =>
  [...new Set(own.flatMap(({ cell }) => cell ?? []))].slice(0, most)
