import { Kind } from 'graphql'
import type { ConstArgumentNode, DocumentNode } from 'graphql'
import { linksConsent } from '../directives/link.ts'
import type { Config } from './config.ts'
import { AssentError } from './errors.ts'
import type { Fault } from './errors.ts'
import { nearestName } from '../directives/nearest-name.ts'

export interface SubgraphEndpoints {
  /** GraphQL endpoint by subgraph name. */
  readonly urls: ReadonlyMap<string, string>
  /** Where each subgraph is subscribed to. */
  readonly streamUrls: ReadonlyMap<string, string>
  /** Null where nothing protects anything, and nobody answers for consent. */
  readonly consentUrl: string | null
}

/** Where the subgraphs are: as the supergraph says (`join__Graph`, Federation join v0.3), unless the settings say otherwise. */
export const subgraphEndpoints = (
  supergraph: DocumentNode,
  settings: EndpointSettings,
): SubgraphEndpoints => {
  const { subgraphUrls, subgraphSubscriptionUrls, consentUrl, consentSubgraph } = settings
  const declared = declaredUrls(supergraph)
  const urls = new Map([...declared].map(([name, url]) => [name, subgraphUrls.get(name) ?? url]))
  const faults = namesIn(settings)
    .filter((name) => !declared.has(name))
    .map((name) => unknownSubgraph(name, declared.keys()))
  for (const [name, url] of urls) if (!/^https?:\/\//.test(url)) faults.push(withoutUrl(name))
  const consent = consentUrl ?? urls.get(consentSubgraph)
  if (consent === undefined && linksConsent(supergraph))
    faults.push(unknownSubgraph(consentSubgraph, declared.keys()))
  if (faults.length > 0) throw new AssentError('CONFIG_INVALID', 'subgraphs.urls', { faults })
  const streamUrls = new Map(
    [...urls].map(([name, url]) => [name, subgraphSubscriptionUrls.get(name) ?? url]),
  )
  return { urls, streamUrls, consentUrl: consent ?? null }
}

type EndpointSettings = Pick<
  Config,
  | 'subgraphUrls'
  | 'subgraphSubscriptions'
  | 'subgraphSubscriptionUrls'
  | 'consentUrl'
  | 'consentSubgraph'
  | 'headers'
>

/** The subgraphs that settings speak of. */
const namesIn = (settings: EndpointSettings): string[] => [
  ...settings.subgraphUrls.keys(),
  ...settings.subgraphSubscriptions.keys(),
  ...settings.subgraphSubscriptionUrls.keys(),
  ...(settings.headers?.subgraphs.keys() ?? []),
]

const declaredUrls = (document: DocumentNode): Map<string, string> => {
  const urls = new Map<string, string>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const { directives } of definition.values ?? []) {
      const graph = directives?.find(({ name }) => name.value === 'join__graph')?.arguments
      const name = textOf(graph, 'name')
      if (name !== undefined) urls.set(name, textOf(graph, 'url') ?? '')
    }
  }
  return urls
}

const textOf = (args: readonly ConstArgumentNode[] | undefined, name: string): string | undefined => {
  const value = args?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

const unknownSubgraph = (name: string, known: Iterable<string>): Fault => {
  const meant = nearestName(name, known)
  return {
    name,
    place: 'supergraph',
    problem: 'is not a subgraph.',
    remedy:
      meant === undefined ? 'Correct the name, or compose with that subgraph.' : `Did you mean \`${meant}\`?`,
  }
}

const withoutUrl = (name: string): Fault => ({
  name,
  place: 'supergraph',
  problem: 'has no url.',
  remedy: 'Compose with one, or set `subgraphs.urls`.',
})
