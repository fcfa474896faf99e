import { AssentError } from '../errors.ts'
import type { HeaderRules } from '../header-rules.ts'
import type { SubgraphStreams } from '../ports.ts'
import type { GrantSigner } from './grant-signer.ts'
import { createRequestWriter } from './http-subgraphs/write-request.ts'
import { createSseStreams } from './subgraph-streams/sse-stream.ts'
import type { OpenStream } from './subgraph-streams/stream-options.ts'
import { openWsStream } from './subgraph-streams/ws-stream.ts'

export type StreamProtocol = 'sse' | 'ws'

export interface SubgraphStreamsOptions {
  /** Where subscriptions are opened, by subgraph name. */
  readonly urls: ReadonlyMap<string, string>
  /** Server-sent events where nothing is said. */
  readonly protocols: ReadonlyMap<string, StreamProtocol>
  /** Null for a graph without personal data: its requests carry no grant and need no signature. */
  readonly sign: GrantSigner | null
  readonly headers: HeaderRules
  /** To connect; a stream that is open may be silent as long as it likes. */
  readonly timeoutMs: number
  readonly maxEventBytes: number
}

export interface ConnectedStreams extends SubgraphStreams {
  /** Cuts off what is still open. */
  close(): Promise<void>
}

/** Subscriptions to subgraphs. Nothing is tried again silently: what broke off is told, because events in between are lost. */
export const createSubgraphStreams = (options: SubgraphStreamsOptions): ConnectedStreams => {
  const { urls, protocols, sign, headers, timeoutMs, maxEventBytes } = options
  const sse = createSseStreams({ timeoutMs })
  const openers = new Map<string, OpenStream>()
  for (const [subgraph, address] of urls) {
    const url = new URL(address)
    const write = createRequestWriter({
      subgraph,
      url,
      sign,
      headers,
      deadlineHeader: null,
      accept: 'text/event-stream',
    })
    const own = { subgraph, url, write, timeoutMs, maxEventBytes }
    openers.set(subgraph, protocols.get(subgraph) === 'ws' ? openWsStream(own) : sse.open(own))
  }
  return {
    open(request) {
      const open = openers.get(request.subgraph)
      if (open === undefined) throw new AssentError('SUBGRAPH_UNREACHABLE', request.subgraph)
      return open(request)
    },
    close: () => sse.close(),
  }
}
