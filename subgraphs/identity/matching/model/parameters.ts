import type { Comparison } from '../comparisons/comparison.ts'

/** What two records may be to one another, and how often each level is found then. */
export interface Parameters {
  /** Of all pairs: one person, two of one household. The rest has nothing to do with one another. */
  readonly match: number
  readonly household: number
  /** One array a comparison, one probability a level. */
  readonly m: readonly Float64Array[]
  readonly h: readonly Float64Array[]
  readonly u: readonly Float64Array[]
}

/** Counts made probabilities, each group of alternatives for itself. */
export function normalised(comparison: Comparison, counts: ArrayLike<number>): Float64Array {
  const groupOf = comparison.groupOf ?? (() => 0)
  const sums = new Map<number, number>()
  for (let level = 0; level < counts.length; level += 1)
    sums.set(groupOf(level), (sums.get(groupOf(level)) ?? 0) + (counts[level] ?? 0))
  return Float64Array.from(counts, (count, level) => count / (sums.get(groupOf(level)) ?? 1))
}
