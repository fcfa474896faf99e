import type { Standing } from './standing.ts'
import type { Verdict } from './verdict.ts'

/** What one lookup decided about objects of one type. */
export interface LedgerEntry {
  readonly subgraph: string
  /** In the order in which they were found. */
  readonly items: readonly Decided[]
  /** How each of them stands. */
  readonly standings: readonly Standing[]
  /** The same, those together who gave the same answers. */
  readonly groups: readonly DecidedAlike[]
  /** True where it was decided before, and something has changed since: nothing is granted that was not. */
  readonly isAgain: boolean
}

export interface Decided {
  readonly object: object
  readonly subject: string | null
}

export interface DecidedAlike {
  readonly verdict: Verdict
  readonly items: readonly Decided[]
  readonly standings: readonly Standing[]
}
