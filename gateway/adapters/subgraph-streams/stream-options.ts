import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'

/** How one subgraph is subscribed to. */
export interface StreamOptions {
  readonly subgraph: string
  readonly url: URL
  /** The body and the headers of a request, signed where the graph has personal data. */
  readonly write: (request: SubgraphRequest) => WrittenSubscription
  readonly maxEventBytes: number
}

export interface WrittenSubscription {
  readonly body: string
  /** Names and values in turn. */
  headers(): readonly string[]
}

export type OpenStream = (request: SubgraphRequest) => AsyncIterable<SubgraphResponse>
