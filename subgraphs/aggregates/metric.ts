import type { Budget } from '../budget/budget.ts'

/** What may be asked about cohorts, and what one person can change of an answer. Read from `aggregates/`, and never from a caller. */
export interface Metric {
  readonly name: string
  readonly description: string
  /** The event type that is counted. */
  readonly event: string
  /** The consent without which somebody is not counted. */
  readonly scope: string
  readonly purposes: ReadonlySet<string>
  /** The first one is answered where none is named. */
  readonly statistics: readonly Statistic[]
  /** How many events of one person count. */
  readonly contributions: number
  /** What is summed up; null: events are only counted. */
  readonly value: ValueTerms | null
  /** How many cells of a histogram one person counts in. */
  readonly cells: number
  /** How many cells of equal width quantiles are looked for in; null: there are none. */
  readonly quantiles: number | null
  readonly dimensions: ReadonlyMap<string, Dimension>
  readonly mechanism: MechanismName
  readonly epsilon: EpsilonTerms
  /** A noisy audience below this is not shown. */
  readonly suppressBelow: number
  /** Another one as soon as anything above says anything else. */
  readonly digest: string
}

export type Statistic = 'people' | 'count' | 'sum' | 'mean'

export const STATISTICS: readonly Statistic[] = ['people', 'count', 'sum', 'mean']

export type MechanismName = 'discrete-laplace' | 'discrete-gaussian'

/** A field of the event, on a grid: everything is counted in whole steps, so that noise is whole numbers, too. */
export interface ValueTerms {
  readonly field: string
  readonly unit: string
  /** The step, as a decimal number. */
  readonly grid: number
  /** In steps, inclusive; what is beyond counts as the bound. */
  readonly lower: number
  readonly upper: number
  /** Where cells of a histogram over the value begin and end, in steps, ascending; empty: there is none. */
  readonly edges: readonly number[]
}

/** A field whose values are known to everybody; an event with another value is in no cohort that names the dimension. */
export interface Dimension {
  readonly field: string
  readonly values: readonly string[]
}

/** In thousandths. */
export interface EpsilonTerms {
  readonly default: number
  readonly most: number
}

/** Everything of `aggregates/`. */
export interface Aggregates {
  readonly metrics: ReadonlyMap<string, Metric>
  /** By purpose. */
  readonly budgets: ReadonlyMap<string, Budget>
  /** How long the data of one snapshot are asked about, in milliseconds. */
  readonly snapshotMs: number
}

export const NO_AGGREGATES: Aggregates = { metrics: new Map(), budgets: new Map(), snapshotMs: 86_400_000 }
