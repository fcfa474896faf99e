import { outOfBounds } from '../coded-error.ts'
import type { RankedList } from './hand-out-lists.ts'
import { rankCandidates } from './item-to-item.ts'
import type { CurrentFactors } from './item-factors.ts'
import { localeChain } from './popular.ts'
import type { RecommendationsLoaders } from './loaders.ts'
import type { Product } from './store.ts'
import { MOST_RESULTS } from './vectors/chosen-to-hand-out.ts'

export interface Wanted {
  readonly count: number
  readonly locale: string | null
  readonly category: string | null
}

export interface Recommended {
  readonly products: readonly Product[]
  /** Whether anything in the history had a say. */
  readonly isPersonal: boolean
  /** The model that ranked; null where there was no history to rank by. */
  readonly model: string | null
}

/** How many popular products are looked at to fill a list up; one query a locale and category, shared by all people. */
const POPULAR_POOL = 100

/** How many ranked products are looked at for those of a category. */
const MOST_RANKED = 500

export interface Recommending {
  readonly loaders: RecommendationsLoaders
  readonly factors: CurrentFactors
  /** What of a list that was made of a history may leave. */
  readonly handOut: (list: Pick<RankedList, 'ranked' | 'wanted' | 'model'>) => Promise<readonly string[]>
}

/**
 * What goes with a history, filled up with what is popular; all of it counts as given for this person. Without a history, popular
 * alone: nothing is read, and since it is the same for all, nothing is counted.
 */
export async function recommend(
  history: readonly string[],
  { count, locale, category }: Wanted,
  { loaders, factors, handOut }: Recommending,
): Promise<Recommended> {
  const own = [...new Set(history)].toSorted()
  const popular = (): Promise<readonly Product[]> =>
    loaders.popular.load({ locales: localeChain(locale), category, first: POPULAR_POOL })
  if (own.length === 0) {
    return { products: (await popular()).slice(0, count), isPersonal: false, model: null }
  }
  const { products: ranked, model } = await rankedBy(own, loaders, factors())
  const related = ranked.filter((one) => category === null || one.category === category)
  const known = new Set([...own, ...related.map(({ sku }) => sku)])
  const rest = related.length >= count ? [] : (await popular()).filter(({ sku }) => !known.has(sku))
  const list = [...related, ...rest]
  const given = new Set(await handOut({ ranked: list.map(({ sku }) => sku), wanted: count, model }))
  const products = list.filter(({ sku }) => given.has(sku))
  return { products, isPersonal: related.length > 0, model: related.length > 0 ? model : null }
}

async function rankedBy(
  own: readonly string[],
  { similar, product }: RecommendationsLoaders,
  factors: ReturnType<CurrentFactors>,
): Promise<{ readonly products: readonly Product[]; readonly model: string }> {
  let skus: readonly string[]
  if (factors === null) {
    const neighbours = new Map(
      await Promise.all(own.map(async (sku) => [sku, await similar.load(sku)] as const)),
    )
    skus = rankCandidates(own, (sku) => neighbours.get(sku) ?? [])
  } else skus = factors.rank(own, MOST_RANKED)
  const products = await Promise.all(skus.map((sku) => product.load(sku)))
  return { products: products.filter((one) => one !== null), model: factors?.model ?? NEIGHBOURS }
}

/** What is used where no model is configured. */
const NEIGHBOURS = 'item-to-item'

export function boundedCount(first: number | null | undefined, coordinate: string, usual = 10): number {
  return bounded(first ?? usual, MOST_RESULTS, coordinate)
}

export function bounded(count: number, most: number, coordinate: string): number {
  if (count >= 1 && count <= most) return count
  throw outOfBounds(coordinate, 'first', [1, most])
}
