import type { MatchModel } from './match-model.ts'

export interface MatchThresholds {
  /** From this probability on two records may be merged without asking anybody. */
  readonly merge: number
  /** From here on a person may be asked; below it there is nothing to say. */
  readonly possible: number
}

export type MatchStep = 'read' | 'block' | 'train' | 'score' | 'cluster'

export interface MatchProgress {
  readonly step: MatchStep
  readonly done: number
  /** Null: not known yet. */
  readonly of: number | null
}

export interface MatchOptions {
  readonly progress?: (progress: MatchProgress) => void
  readonly seed?: number
  /** What an earlier run has learned: nothing is learned then. */
  readonly model?: MatchModel
  readonly thresholds?: Partial<MatchThresholds>
}

export type PairDecision = 'merge' | 'possible'

export interface MatchedPair {
  readonly left: string
  readonly right: string
  readonly probability: number
  readonly decision: PairDecision
}

/** One line of the waterfall: what was compared, what was found, and what that is worth in bits. */
export interface Evidence {
  readonly comparison: string
  readonly level: string
  /** log2 of the Bayes factor: above zero it speaks for one person. */
  readonly weight: number
  /** The rule in a sentence, without a value of anybody. */
  readonly why: string
}

export interface PairExplanation {
  readonly left: string
  readonly right: string
  /** log2 odds that two rows taken at random are one person. */
  readonly prior: number
  readonly evidence: readonly Evidence[]
  /** log2 odds: prior and weights added up. */
  readonly total: number
  readonly probability: number
  /** Why these two are never one person, whatever the total says. */
  readonly vetoes: readonly string[]
  readonly decision: PairDecision | 'apart'
  readonly sameCluster: boolean
}

export interface MatchResult {
  readonly records: number
  /** Each pair once, merges and possible matches; read again as often as one likes. */
  readonly pairs: Iterable<MatchedPair>
  /** Every row of the input; a cluster is named after one of its rows. */
  readonly clusters: Iterable<{ readonly id: string; readonly cluster: string }>
  /** How pairs were found that are worth comparing. */
  readonly blocking: readonly {
    readonly name: string
    /** Blocks above this size were not compared in full: so many. */
    readonly limit: number
    readonly oversized: number
  }[]
  readonly model: MatchModel
  /** Null: no such row. Any two rows, also those nobody compared. */
  explain(left: string, right: string): PairExplanation | null
}
