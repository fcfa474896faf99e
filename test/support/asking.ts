import { createHttpSubgraphs } from '../../gateway/adapters/http-subgraphs.ts'
import type { HttpSubgraphs, HttpSubgraphsOptions } from '../../gateway/adapters/http-subgraphs.ts'
import { NO_HEADER_RULES } from '../../gateway/header-rules.ts'
import { UNENDING } from '../../gateway/lifetime.ts'
import type { SubgraphEvent, SubgraphRequest, SubgraphResponse } from '../../gateway/ports.ts'

export interface Asking {
  readonly subgraphs: HttpSubgraphs
  readonly events: SubgraphEvent[]
  /** Sends, and says what came: the data, or the code of the error. */
  ask(request?: Partial<SubgraphRequest>): Promise<unknown>
  send(request?: Partial<SubgraphRequest>): Promise<SubgraphResponse>
}

/** A client of one subgraph, as a gateway has it. */
export const openAsking = (url: string, options: Partial<HttpSubgraphsOptions> = {}): Asking => {
  const events: SubgraphEvent[] = []
  const subgraphs = createHttpSubgraphs({
    urls: new Map([['features', url]]),
    sign: null,
    timeoutMs: 10_000,
    maxResponseBytes: 1_000_000,
    connections: 8,
    concurrency: 8,
    queue: 100,
    dedupe: true,
    headers: NO_HEADER_RULES,
    deadlineHeader: null,
    retries: 1,
    retryPercent: 20,
    circuit: { errorPercent: 50, volume: 0, openMs: 1000 },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const send: Asking['send'] = (request) => subgraphs.send({ ...QUERY, ...request })
  return {
    subgraphs,
    events,
    send,
    ask: async (request) => {
      try {
        return (await send(request)).data
      } catch (problem) {
        return (problem as { code: unknown }).code
      }
    },
  }
}

export const QUERY: SubgraphRequest = {
  subgraph: 'features',
  kind: 'query',
  document: '{ a }',
  documentJson: '"{ a }"',
  variables: '{}',
  grant: {
    subgraph: 'features',
    client: 'shop',
    purpose: 'analytics',
    request: 'r1',
    actor: null,
    lookups: { _e0: { scopes: ['analytics'] } },
  },
  lifetime: UNENDING,
  incoming: () => undefined,
}
