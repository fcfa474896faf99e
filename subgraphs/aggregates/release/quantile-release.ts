import type { Bounded } from '../bound-contributions.ts'
import type { Metric } from '../metric.ts'
import { audiencePart, type Part } from './part.ts'
import { CONFIDENCE, type Estimate, type Kind, type Noisy } from './release.ts'

/** How many nodes each node of the tree is divided into. */
const BRANCHES = 16

/**
 * Counts over a tree of ranges (Hay et al., "Boosting the Accuracy of Differentially Private Histograms Through Consistency",
 * 2010): each event is counted once on every level, so one person changes all counts together by contributions × levels. What is
 * below any point is the sum of a few nodes, so every quantile follows from one release, also those nobody has asked for yet.
 * A value is the place of its cell, from 0 to `cells` − 1.
 */
export const quantileKind = (
  { contributions }: Metric,
  cells: number,
  quantiles: readonly number[],
): Kind<readonly Estimate[]> => {
  const levels = levelsFor(cells)
  return {
    parts: [audiencePart, treePart(contributions, levels)],
    shown: ([, tree]) => (tree === undefined ? [] : quantiles.map((q) => quantileIn(tree, levels, cells, q))),
  }
}

/** How many nodes there are on each level, from the top one down; on the last one, one a cell. */
const levelsFor = (cells: number): readonly number[] => {
  const sizes = [cells]
  while ((sizes[0] ?? 0) > BRANCHES) sizes.unshift(Math.ceil((sizes[0] ?? 0) / BRANCHES))
  return sizes
}

const treePart = (contributions: number, levels: readonly number[]): Part => ({
  sensitivity: contributions * levels.length,
  squaredSensitivity: contributions ** 2 * levels.length,
  weight: 3,
  count: (people) => levels.flatMap((size, level) => [...countsOn(people, size, widthOn(levels, level))]),
})

/** How many cells a node of this level spans. */
const widthOn = (levels: readonly number[], level: number): number => BRANCHES ** (levels.length - 1 - level)

const countsOn = (people: Bounded, size: number, width: number): readonly bigint[] => {
  const counts = Array.from({ length: size }, () => 0n)
  for (const own of people)
    for (const { cell } of own) {
      const node = Math.floor((cell ?? 0) / width)
      counts[node] = (counts[node] ?? 0n) + 1n
    }
  return counts
}

/**
 * The cell that the quantile is in: the first up to which at least `q` of all are. Of the cell without noise, the first one that
 * may have so many by the noise is not above it, and the one behind the last that may not is not below it.
 */
const quantileIn = (
  { values, noise }: Noisy,
  levels: readonly number[],
  cells: number,
  q: number,
): Estimate => {
  const surplus = surplusBy(values, levels, cells, q)
  const reach = noise.reachOfSum(BRANCHES * levels.length, (1 - CONFIDENCE) / 2)
  const firstWhere = (isEnough: (surplus: number) => boolean): number => {
    const found = surplus.findIndex(isEnough)
    return found < 0 ? cells - 1 : found
  }
  const low = firstWhere((at) => at + reach >= 0)
  const high = Math.min(cells - 1, surplus.findLastIndex((at) => at - reach < 0) + 1)
  const best = firstWhere((at) => at >= 0)
  return { value: best, low: Math.min(low, best), high: Math.max(high, best) }
}

/** By cell, how many more than `q` of all are up to its end. */
const surplusBy = (
  values: readonly number[],
  levels: readonly number[],
  cells: number,
  q: number,
): readonly number[] => {
  const starts = levels.map((_, level) => levels.slice(0, level).reduce((sum, size) => sum + size, 0))
  const node = (level: number, index: number): number => values[(starts[level] ?? 0) + index] ?? 0
  let all = 0
  for (let index = 0; index < (levels[0] ?? 0); index += 1) all += node(0, index)
  return Array.from({ length: cells }, (_, cell) => upTo(cell + 1, levels, node) - q * all)
}

/** What is in the first `end` cells: on each level the whole nodes that the levels above leave over. */
const upTo = (
  end: number,
  levels: readonly number[],
  node: (level: number, index: number) => number,
): number => {
  let sum = 0
  let done = 0
  for (const level of levels.keys()) {
    const width = widthOn(levels, level)
    while (done + width <= end) {
      sum += node(level, done / width)
      done += width
    }
  }
  return sum
}
