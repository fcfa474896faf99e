import type { SubgraphClient, SubgraphRequest } from '../ports.ts'

/** What left for one subgraph, told without what it was about: counts, not keys. */
export interface SentRequest {
  readonly subgraph: string
  readonly document: string
  readonly representations: number
  readonly scopes: readonly string[]
  /** The same for each alias of `_entities`: people with the same grants travel together. */
  readonly lookups: readonly {
    readonly alias: string
    readonly representations: number
    readonly scopes: readonly string[]
  }[]
}

export interface RecordingSubgraphs extends SubgraphClient {
  /** Keeps what is sent for one request of a client, until it is taken. */
  watch(request: string): void
  take(request: string): readonly SentRequest[]
}

/** Shows a developer what was sent, for the requests that ask for it. */
export const recordSubgraphs = (subgraphs: SubgraphClient): RecordingSubgraphs => {
  const watched = new Map<string, SentRequest[]>()
  return {
    watch: (request) => void watched.set(request, []),
    take(request) {
      const sent = watched.get(request) ?? []
      watched.delete(request)
      return sent
    },
    send(request) {
      watched.get(request.grant.request)?.push(describe(request))
      return subgraphs.send(request)
    },
  }
}

const describe = ({ subgraph, document, variables: text, grant }: SubgraphRequest): SentRequest => {
  const variables = JSON.parse(text) as Record<string, unknown>
  return {
    subgraph,
    document,
    representations: Object.values(variables).reduce<number>(
      (sum, value) => sum + countRepresentations(value),
      0,
    ),
    scopes: [...new Set(Object.values(grant.lookups).flatMap(({ scopes }) => scopes))].toSorted(),
    lookups: Object.entries(grant.lookups).map(([alias, { scopes }]) => ({
      alias,
      representations: countRepresentations(variables[`${alias}_representations`]),
      scopes,
    })),
  }
}

const countRepresentations = (value: unknown): number =>
  Array.isArray(value) ? value.filter(isRepresentation).length : 0

const isRepresentation = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '__typename' in value
