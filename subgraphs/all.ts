import type { FastifyInstance } from 'fastify'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { type AggregatesOptions, createAggregatesSubgraph } from './aggregates/subgraph.ts'
import type { ConsentStore } from './consent/store.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import { type ConsentSubgraphOptions, createConsentSubgraph } from './consent/subgraph.ts'
import type { FeaturesStore } from './features/store.ts'
import { createFeaturesSubgraph, type FeaturesSubgraphOptions } from './features/subgraph.ts'
import type { Reidentification } from './identity/reidentification/reidentification.ts'
import type { Pseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import type { LinkedConsent } from './identity/graph/linked-consent.ts'
import type { IdentityStore } from './identity/store.ts'
import type { EndedRedirects } from './identity/ended-redirects.ts'
import { createIdentitySubgraph, type LookupTerms } from './identity/subgraph.ts'
import type { Vault } from './identity/vault/vault.ts'
import type { ListTerms } from './recommendations/hand-out-lists.ts'
import type { CurrentFactors } from './recommendations/item-factors.ts'
import type { RecommendationsStore } from './recommendations/store.ts'
import {
  createRecommendationsSubgraph,
  type RecommendationsSubgraphOptions,
} from './recommendations/subgraph.ts'
import { createRetrieval, type Retrieval } from './recommendations/vectors/retrieval.ts'
import type { HandedOut, VectorStore } from './recommendations/vectors/vector-store.ts'
import type { Log } from './log.ts'
import type { Currency } from './standing/standing-store.ts'
import type { Route } from './route.ts'
import type { AggregateStores } from './open-aggregates.ts'
import { serveSubgraph, type Subgraph } from './serve.ts'

/** One store a subgraph; which engine is behind it, the subgraphs do not know. */
export interface Stores {
  readonly identity: IdentityStore
  /** Where the raw values of its records are. */
  readonly vault: Vault
  readonly consent: ConsentStore
  readonly leases: ConsentLeases
  /** What consent runs out by; default: the clock of the machine, as far as it does not go back. */
  readonly expiryClock?: () => number
  readonly features: FeaturesStore
  /** Whether what stores have heard of consent may be relied upon; default: always. */
  readonly currency?: Currency
  readonly recommendations: RecommendationsStore
  /** What clients were given of it; default: counted in this process. */
  readonly handedOut?: HandedOut
  readonly aggregates: AggregateStores
  /** Where vectors of people lie; default: none are kept. */
  readonly vectors?: VectorStore | null
}

/** Who relies on what they know of consent, and whether other replicas of the service write, too. */
export type ConsentLeases = Pick<ConsentSubgraphOptions, 'leases' | 'isForgetful' | 'lookEveryMs'>

export interface Surroundings {
  /** What may be asked about cohorts, and what it is answered from. */
  readonly aggregates: AggregatesOptions
  readonly pseudonymizer: Pseudonymizer
  /** Who asked for people by what they are known by; default: kept in memory. */
  readonly lookups?: LookupTerms
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** The words people can consent to; default: the standard ones. */
  readonly vocabulary?: Vocabulary
  /** What the consent service answers beside its GraphQL. */
  readonly consentRoutes?: readonly Route[]
  /** Of the service that answers numbers about many. */
  readonly aggregatesRoutes?: readonly Route[]
  /** The same of the identity service. */
  readonly identityRoutes?: readonly Route[]
  /** How identity reaches consent when people are merged; default: not at all, and merges wait. */
  readonly linkedConsent?: LinkedConsent
  /** Which pids that lost a merge nobody is answered under any more; default: each leads on for good. */
  readonly redirects?: EndedRedirects | null
  /** The way back from a pid; default: there is none. */
  readonly reidentification?: Reidentification | null
  /** What holds where nothing was said; default: nothing does. */
  readonly policy?: PolicyBundle | null
  /** The model that ranks products; default: there is none. */
  readonly factors?: CurrentFactors
  /** How much of its lists a client is given. */
  readonly listTerms: ListTerms
  /** Clients that may look for people by the vectors that are kept; default: none. */
  readonly peopleFoundBy?: readonly string[]
}

export interface HostedSubgraph {
  readonly name: string
  readonly sdl: string
  /** Hosts it without listening yet. */
  readonly serve: (settings: {
    readonly grantKey: string | null
    /** Of other services that call this one. */
    readonly peerKeys?: Readonly<Record<string, string>>
    readonly log?: Log
  }) => Promise<FastifyInstance>
}

/** The subgraphs of the graph. A new one is a folder beside these and a line here. */
export function allSubgraphs(stores: Stores, surroundings: Surroundings): readonly HostedSubgraph[] {
  const { aggregates, pseudonymizer, lookups, clock, vocabulary, linkedConsent } = surroundings
  const { reidentification = null, redirects = null, policy = null } = surroundings
  const { consentRoutes = [], identityRoutes = [], aggregatesRoutes = [] } = surroundings
  const hosted = <L>(name: string, subgraph: Subgraph<L>): HostedSubgraph => ({
    name,
    sdl: subgraph.sdl,
    serve: (settings) => serveSubgraph({ ...subgraph, ...settings, name, clock }),
  })
  return [
    hosted('identity', {
      ...createIdentitySubgraph({
        store: stores.identity,
        vault: stores.vault,
        pseudonymizer,
        reidentification,
        redirects,
        ...(lookups && { lookups }),
        ...(linkedConsent && { linkedConsent }),
      }),
      routes: identityRoutes,
    }),
    hosted('consent', {
      ...createConsentSubgraph({
        store: stores.consent,
        ...stores.leases,
        clock,
        ...(stores.expiryClock && { expiryClock: stores.expiryClock }),
        policy,
        ...(vocabulary && { vocabulary }),
      }),
      routes: consentRoutes,
    }),
    hosted('features', createFeaturesSubgraph(featuresOf(stores, clock))),
    hosted('recommendations', createRecommendationsSubgraph(recommendationsOf(stores, surroundings))),
    hosted('aggregates', { ...createAggregatesSubgraph(aggregates), routes: aggregatesRoutes }),
  ]
}

const featuresOf = ({ features: store, currency }: Stores, clock: () => number): FeaturesSubgraphOptions => ({
  store,
  clock,
  ...(currency && { currency }),
})

const recommendationsOf = (
  { recommendations: store, handedOut, ...stores }: Stores,
  { factors, listTerms, ...surroundings }: Surroundings,
): RecommendationsSubgraphOptions => ({
  store,
  people: peopleOf(stores, { listTerms, ...surroundings }),
  ...(handedOut && { handedOut }),
  ...(factors && { factors }),
  listTerms,
})

/** Null unless vectors of people are kept, it is known what of consent is current, and somebody may look for them. */
function peopleOf(
  { vectors = null, currency }: Pick<Stores, 'vectors' | 'currency'>,
  { clock, listTerms, peopleFoundBy = [] }: Pick<Surroundings, 'clock' | 'listTerms' | 'peopleFoundBy'>,
): Retrieval | null {
  if (vectors === null || currency === undefined || peopleFoundBy.length === 0) return null
  const { windowMs, listsPerWindow: searchesPerWindow } = listTerms
  const people = new Map(peopleFoundBy.map((client) => [client, PURPOSE_OF_FINDING]))
  const terms = { windowMs, searchesPerWindow, purposes: new Set([PURPOSE_OF_FINDING]), people }
  return createRetrieval({ store: vectors, terms, currency, clock })
}

/** What vectors are made for, and what those they are of agreed to. */
const PURPOSE_OF_FINDING = 'personalization'
