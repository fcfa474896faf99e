import type { PlannerFlags } from './planner.ts'

/** What a graph says of fields that are moving (`@override(from:, label:)`). */
export interface OverridesOfGraph {
  readonly labels: readonly string[]
  /** Shares of requests, 0 to 100. */
  readonly percentages: readonly number[]
}

/** Which of the moves a request takes part in; the same key is the same plan. */
export interface ActiveOverrides extends PlannerFlags {
  readonly key: string
}

export interface OverrideOptions {
  /** Labels that are on for every request. */
  readonly labels: readonly string[]
  /** At least 0, less than 1. */
  readonly random: () => number
}

/**
 * `percent(5)` is decided once a request, by one number for all fields, so that what moves together stays together
 * (progressive `@override`, Federation 2.7). Between two percentages of the graph every number means the same: there
 * are no more plans than that. A graph without percentages draws nothing.
 */
export const createOverrides = (
  { labels, percentages }: OverridesOfGraph,
  { labels: on, random }: OverrideOptions,
): (() => ActiveOverrides) => {
  const active = on.filter((label) => labels.includes(label))
  const starts = [...new Set([0, ...percentages.filter((share) => share > 0 && share < 100)])].toSorted(
    (one, other) => one - other,
  )
  const variants = starts.map((percentage): ActiveOverrides => ({
    key: percentage === 0 ? '' : `from ${percentage}`,
    labels: active,
    percentage,
  }))
  const [first = ALL, ...others] = variants
  if (others.length === 0) return () => first
  return () => {
    const drawn = random() * 100
    return variants.findLast(({ percentage }) => percentage <= drawn) ?? first
  }
}

const ALL: ActiveOverrides = { key: '', labels: [], percentage: 0 }
