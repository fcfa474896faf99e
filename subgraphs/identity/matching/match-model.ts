/** What was learned from the rows themselves, without a label. Serialisable; holds no value of anybody but name frequencies. */
export interface MatchModel {
  readonly version: string
  readonly seed: number
  readonly records: number
  /** Pairs that some blocking rule put side by side. */
  readonly candidates: number
  readonly iterations: number
  readonly converged: boolean
  /** Of all pairs of rows: the share that is one person, and that is two people of one household. */
  readonly prior: { readonly match: number; readonly household: number }
  /** What keeps two records apart for good; not in force where these data show that the value is often just wrong. */
  readonly vetoes: readonly { readonly name: string; readonly why: string; readonly inForce: boolean }[]
  readonly comparisons: readonly ComparisonModel[]
  readonly thresholds: { readonly merge: number; readonly possible: number }
}

export interface ComparisonModel {
  readonly name: string
  readonly levels: readonly {
    readonly name: string
    /** P(level | one person). */
    readonly m: number
    /** P(level | two people who have nothing to do with each other). */
    readonly u: number
    /** P(level | two people of one household). */
    readonly h: number
    /** Whether u is replaced by the frequency of the value itself. */
    readonly byTerm: boolean
  }[]
}
