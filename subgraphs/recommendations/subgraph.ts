import { readFileSync } from 'node:fs'
import { ANONYMOUS } from '../../directives/grant.ts'
import { codedError } from '../coded-error.ts'
import type { Resolvers, Subgraph, SubgraphContext } from '../serve.ts'
import { type ActionArguments, actionChoice } from './action-choice.ts'
import type { Action } from './actions/action.ts'
import { openActions } from './actions/actions-in.ts'
import type { BasisName } from './actions/bases.ts'
import type { ListTerms } from './hand-out-lists.ts'
import type { CurrentFactors } from './item-factors.ts'
import { createLoaders, type RecommendationsLoaders } from './loaders.ts'
import { type NearArguments, peopleNear, type PeopleNearParts } from './people-near.ts'
import { bounded, boundedCount, recommend, type Recommending } from './recommend.ts'
import { type ContextArguments, recommendationContext } from './recommendation-context.ts'
import type { RecommendationsStore } from './store.ts'
import { createMemoryHandedOut } from './vectors/memory-vectors.ts'
import type { HandedOut } from './vectors/vector-store.ts'
import { isNobody, type Visitor, wordsOf } from './visitor.ts'

export interface RecommendationsSubgraphOptions {
  readonly store: RecommendationsStore
  /** The model in use; default: none, and everybody is shown the catalogue. */
  readonly factors?: CurrentFactors
  /** What may be offered; default: the actions of this repository. */
  readonly actions?: readonly Action[]
  /** Where it is counted what clients were given; default: in this process. */
  readonly handedOut?: HandedOut
  readonly listTerms: ListTerms
  /** Finds people whose vectors are kept; default: none are. */
  readonly people?: PeopleNearParts['people']
}

interface ListArguments {
  readonly first?: number | null
  readonly locale?: string | null
  readonly category?: string | null
}

type Context = SubgraphContext<RecommendationsLoaders>

const MOST_PRODUCTS = 100

const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

export function createRecommendationsSubgraph({
  store,
  factors = () => null,
  actions = openActions(),
  handedOut = createMemoryHandedOut(),
  listTerms: terms,
  people = null,
}: RecommendationsSubgraphOptions): Subgraph<RecommendationsLoaders> {
  return {
    sdl,
    resolvers: resolversOf({ factors, actions, people }),
    loaders: () => createLoaders({ store, factors, handedOut, terms }),
  }
}

/** Features that name what somebody bought. */
const BOUGHT = ['boughtProducts365d']

const resolversOf = (
  parts: Required<Pick<RecommendationsSubgraphOptions, 'factors' | 'actions' | 'people'>>,
): Resolvers<RecommendationsLoaders> => ({
  Query: {
    products: (_root, { category, first }: ListArguments, { loaders }: Context) =>
      loaders.catalogue({
        category: category ?? null,
        first: bounded(first ?? 10, MOST_PRODUCTS, 'Query.products'),
      }),
    product: (_root, { sku }: { sku: string }, { loaders }: Context) => loaders.product.load(sku),
    customersNear: (_root, asked: NearArguments, { grant }: Context) => peopleNear(asked, parts, grant),
    visitor: (_root, { pid }: { pid?: string | null }): Visitor => ({ pid: pid ?? ANONYMOUS }),
  },
  Customer: {
    // Whoever is asked for is answered alike: whether somebody exists is not ours to tell.
    __resolveReference: ({ pid, features = null, reachableBy = null }: Visitor): Visitor => ({
      pid,
      features,
      reachableBy,
    }),
    recommendations: async (visitor: Visitor, wanted: ListArguments, context: Context) => {
      const coordinate = 'Customer.recommendations'
      const { locale = null, category = null } = wanted
      const count = boundedCount(wanted.first, coordinate)
      // Nobody's list is for any purpose, as products are.
      if (!isNobody(visitor)) requireProfilingPurpose(context.grant, coordinate)
      return makingFor(
        visitor,
        context,
        parts,
      )(async (recommending) => {
        const own = BOUGHT.flatMap((field) => wordsOf(visitor, field))
        return (await recommend(own, { count, locale, category }, recommending)).products
      })
    },
    recommendationContext: contextBy('recommendationContext', BOUGHT, parts),
    recommendationContextOfVisits: contextBy(
      'recommendationContextOfVisits',
      [...BOUGHT, 'lastProductViewed'],
      parts,
    ),
    profileActions: actionsBy('profileActions', 'profile', parts),
    shoppingActions: actionsBy('shoppingActions', 'shopping', parts),
    visitActions: actionsBy('visitActions', 'visits', parts),
  },
  Product: {
    __resolveReference: ({ sku }: { sku: string }, { loaders }: Context) => loaders.product.load(sku),
  },
})

const contextBy =
  (field: string, history: readonly string[], parts: { readonly factors: CurrentFactors }) =>
  (visitor: Visitor, wanted: ContextArguments, context: Context) => {
    const coordinate = `Customer.${field}`
    requireProfilingPurpose(context.grant, coordinate)
    return makingFor(
      visitor,
      context,
      parts,
    )((recommending) => recommendationContext(visitor, wanted, { ...recommending, history, coordinate }))
  }

/** Whom it is counted for is what the gateway has signed: a header of the caller's says nothing here. */
const makingFor =
  (
    { pid: about }: Visitor,
    { loaders, grant, clock }: Context,
    { factors }: { readonly factors: CurrentFactors },
  ) =>
  <T>(make: (recommending: Recommending) => Promise<T>): Promise<T> =>
    loaders.list((handOut) =>
      make({
        loaders,
        factors,
        handOut: async (list) => {
          if (grant === null) throw codedError('GRANT_MISSING')
          const { client, purpose } = grant
          return handOut({ ...list, client, purpose, about, at: clock() })
        },
      }),
    )

const actionsBy =
  (field: string, basis: BasisName, { actions }: { readonly actions: readonly Action[] }) =>
  (visitor: Visitor, asked: ActionArguments, { grant, clock }: Context) => {
    const coordinate = `Customer.${field}`
    requireProfilingPurpose(grant, coordinate)
    return actionChoice(visitor, asked, { actions, basis, now: clock(), coordinate })
  }

/**
 * Purpose limitation (GDPR Art. 5(1)(b)): what suits a person is worked out to show it to them, and for nothing else. Also of
 * nobody: what is not allowed for a purpose is refused whoever it is about, and tells nothing of who it is.
 */
function requireProfilingPurpose(grant: Context['grant'], coordinate: string): void {
  if (!PROFILING.has(grant?.purpose ?? '')) throw codedError('PURPOSE_NOT_ALLOWED', coordinate)
}

/** As the `@dataContract` of these fields has it. */
const PROFILING: ReadonlySet<string> = new Set(['personalization'])
