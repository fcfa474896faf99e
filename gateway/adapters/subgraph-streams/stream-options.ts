import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'
import type { WriteRequest } from '../http-subgraphs/write-request.ts'

/** How one subgraph is subscribed to. */
export interface StreamOptions {
  readonly subgraph: string
  readonly url: URL
  /** The body and the headers of a request, signed where the graph has personal data. */
  readonly write: WriteRequest
  /** To connect; a stream that is open may be silent as long as it likes. */
  readonly timeoutMs: number
  readonly maxEventBytes: number
}

export type OpenStream = (request: SubgraphRequest) => AsyncIterable<SubgraphResponse>
