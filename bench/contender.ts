import type { RunningProgram } from './start-program.ts'

/** What a gateway is told: where its subgraphs are, and what they are together. */
export interface Place {
  readonly standIn: string
  readonly supergraphFile: string
  /** An empty directory to run in. */
  readonly directory: string
}

export interface Contender {
  readonly name: string
  /** Path of its GraphQL endpoint. */
  readonly path: string
  /** What it must answer where that is not the workload's to say. */
  readonly expected?: unknown
  /** Somebody else's: what it gets wrong is told, and does not end the bench. */
  readonly isPeer?: true
  start(place: Place): Promise<RunningProgram>
}
