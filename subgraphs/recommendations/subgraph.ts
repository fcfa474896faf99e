import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { ANONYMOUS } from '../../directives/grant.ts'
import { codedError } from '../coded-error.ts'
import type { Resolvers, Subgraph, SubgraphContext } from '../serve.ts'
import { rankCandidates, type Neighbour } from './item-to-item.ts'
import { localeChain } from './popular.ts'
import type { PopularChoice, Product, RecommendationsStore } from './store.ts'

/** Each key asked for in one request goes to the store once, together with all others. */
export interface RecommendationsLoaders {
  readonly purchases: DataLoader<string, readonly string[]>
  readonly similar: DataLoader<string, readonly Neighbour[]>
  readonly product: DataLoader<string, Product | null>
  readonly popular: DataLoader<PopularChoice, readonly Product[], string>
  readonly catalogue: RecommendationsStore['catalogue']
}

interface Person {
  readonly pid: string
}

interface RecommendationsArguments {
  readonly first?: number | null
  readonly locale?: string | null
  readonly category?: string | null
}

type Context = SubgraphContext<RecommendationsLoaders>

const MOST_RECOMMENDATIONS = 20
const MOST_PRODUCTS = 100

/** How many popular products are looked at to fill a list up; one query a locale and category, shared by all people. */
const POPULAR_POOL = 100

const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

export function createRecommendationsSubgraph({
  store,
}: {
  readonly store: RecommendationsStore
}): Subgraph<RecommendationsLoaders> {
  return { sdl, resolvers, loaders: () => createLoaders(store) }
}

const resolvers: Resolvers<RecommendationsLoaders> = {
  Query: {
    products: (_root, { category, first }: RecommendationsArguments, { loaders }: Context) =>
      loaders.catalogue({
        category: category ?? null,
        first: bounded(first, MOST_PRODUCTS, 'Query.products'),
      }),
    product: (_root, { sku }: { sku: string }, { loaders }: Context) => loaders.product.load(sku),
  },
  Customer: {
    // Whoever is asked for is answered alike: whether somebody exists is not ours to tell.
    __resolveReference: ({ pid }: Person): Person => ({ pid }),
    recommendations: ({ pid }: Person, wanted: RecommendationsArguments, { loaders }: Context) =>
      recommend(pid, wanted, loaders),
  },
  Product: {
    __resolveReference: ({ sku }: { sku: string }, { loaders }: Context) => loaders.product.load(sku),
  },
}

/** What goes with a person's purchases, filled up with what is popular; for nobody, popular alone and nothing read. */
async function recommend(
  pid: string,
  { first, locale, category }: RecommendationsArguments,
  loaders: RecommendationsLoaders,
): Promise<readonly Product[]> {
  const count = bounded(first, MOST_RECOMMENDATIONS, 'Customer.recommendations')
  const own = pid === ANONYMOUS ? [] : await loaders.purchases.load(pid)
  const related = (await relatedTo(own, loaders)).filter(
    (one) => category == null || one.category === category,
  )
  if (related.length >= count) return related.slice(0, count)
  const popular = await loaders.popular.load({
    locales: localeChain(locale),
    category: category ?? null,
    first: POPULAR_POOL,
  })
  const known = new Set([...own, ...related.map(({ sku }) => sku)])
  return [...related, ...popular.filter(({ sku }) => !known.has(sku))].slice(0, count)
}

async function relatedTo(
  own: readonly string[],
  { similar, product }: RecommendationsLoaders,
): Promise<Product[]> {
  const neighbours = new Map(
    await Promise.all(own.map(async (sku) => [sku, await similar.load(sku)] as const)),
  )
  const ranked = rankCandidates(own, (sku) => neighbours.get(sku) ?? [])
  const products = await Promise.all(ranked.map((sku) => product.load(sku)))
  return products.filter((one) => one !== null)
}

function bounded(first: number | null | undefined, most: number, coordinate: string): number {
  const count = first ?? 10
  if (count >= 1 && count <= most) return count
  throw codedError('BAD_USER_INPUT', `${coordinate}(first:), 1 to ${most}`)
}

function createLoaders(store: RecommendationsStore): RecommendationsLoaders {
  return {
    purchases: new DataLoader(async (pids) => inOrder(pids, await store.purchases(pids))),
    similar: new DataLoader(async (skus) => inOrder(skus, await store.similar(skus))),
    product: new DataLoader(async (skus) => {
      const products = new Map((await store.products(skus)).map((one) => [one.sku, one]))
      return skus.map((sku) => products.get(sku) ?? null)
    }),
    popular: new DataLoader((choices) => Promise.all(choices.map((choice) => store.popular(choice))), {
      cacheKeyFn: (choice) => JSON.stringify(choice),
    }),
    catalogue: (choice) => store.catalogue(choice),
  }
}

const inOrder = <T>(keys: readonly string[], found: ReadonlyMap<string, readonly T[]>): (readonly T[])[] =>
  keys.map((key) => found.get(key) ?? [])
