import type { Decision } from './decide.ts'

/** What follows from one set of answers about the scopes at hand: the same for everybody who gave these answers. */
export interface Verdict {
  readonly decisions: ReadonlyMap<string, Decision>
  /** Coordinates to ask for: granted, and needed. */
  readonly granted: readonly string[]
  /** Granted scopes that these coordinates rest on: no more is handed to the subgraph. */
  readonly scopes: readonly string[]
  /** Equal for verdicts under which the same is asked for with the same scopes. */
  readonly partition: string
}
