/** What two values may be to one another. */
export interface Level {
  readonly name: string
  /** The rule in a sentence, as the waterfall prints it. */
  readonly why: string
  /** Where estimation starts, as it is anywhere: P(level | one person), P(level | one household), P(level | strangers). */
  readonly m: number
  readonly h: number
  readonly u: number
}

export interface Comparison {
  readonly name: string
  readonly levels: readonly Level[]
  /** Levels of one group are the alternatives of one another: their probabilities add up to 1. Without: all are. */
  readonly groupOf?: (level: number) => number
  /** How often two of one household are found at each level is known, and not learned. */
  readonly isHouseholdFixed?: true
}

/** A level's number when one of the two values is not known: it weighs nothing. */
export const UNKNOWN = 255

/** Whether a pair is found at a level or above it; what one of them does not have is at none. */
export const isFrom = (levels: Uint8Array, at: number, least: number): boolean =>
  levels[at] !== UNKNOWN && (levels[at] ?? 0) >= least
