import { outOfBounds } from '../coded-error.ts'
import type { RankedList } from './hand-out-lists.ts'
import type { CurrentFactors, ItemFactors } from './item-factors.ts'
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

/** How many popular products are looked at at first to fill a list up; one query a locale and category, shared by all people. */
const POPULAR_POOL = 100

/** How many ranked products are looked at, for when the first may not be given or are not sold any more. */
const MOST_RANKED = 500

export interface Recommending {
  readonly loaders: RecommendationsLoaders
  readonly factors: CurrentFactors
  /** What of a list that was made of a history may leave. */
  readonly handOut: (list: Pick<RankedList, 'ranked' | 'wanted' | 'model'>) => Promise<readonly string[]>
}

/**
 * What goes with a history, filled up with what is popular; all of it counts as given for this person. Where nothing in the history has a
 * say, because there is none, no model, or nothing near, it is what everybody is shown, to the letter: it tells of nobody, and nothing
 * is counted.
 */
export async function recommend(
  history: readonly string[],
  { count, locale, category }: Wanted,
  { loaders, factors, handOut }: Recommending,
): Promise<Recommended> {
  const own = [...new Set(history)].toSorted()
  const popular = (first: number): Promise<readonly Product[]> =>
    loaders.popular.load({ locale, category, first })
  const ranker = own.length === 0 ? null : factors()
  const related = ranker === null ? [] : await nearest(own, category, { loaders, ranker })
  if (ranker === null || related.length === 0)
    return { products: (await popular(POPULAR_POOL)).slice(0, count), isPersonal: false, model: null }
  const { model } = ranker
  const known = new Set([...own, ...related.map(({ sku }) => sku)])
  const rest = related.length >= count ? [] : await beside(known, count - related.length, popular)
  const list = [...related, ...rest]
  const given = new Set(await handOut({ ranked: list.map(({ sku }) => sku), wanted: count, model }))
  return { products: list.filter(({ sku }) => given.has(sku)), isPersonal: true, model }
}

/** So many that are not known; further down is looked where a history covers most of what is popular, and no list is short for it. */
async function beside(
  known: ReadonlySet<string>,
  count: number,
  popular: (first: number) => Promise<readonly Product[]>,
  first = POPULAR_POOL,
): Promise<readonly Product[]> {
  const looked = await popular(first)
  const rest = looked.filter(({ sku }) => !known.has(sku))
  return rest.length >= count || looked.length < first ? rest : beside(known, count, popular, first * 4)
}

/** Of a category, what goes best with these; what is not sold any more is left out. */
async function nearest(
  own: readonly string[],
  category: string | null,
  { loaders, ranker }: { readonly loaders: RecommendationsLoaders; readonly ranker: ItemFactors },
): Promise<readonly Product[]> {
  const skus = await ranker.rank(
    own,
    MOST_RANKED,
    category === null ? undefined : await loaders.skusOf.load(category),
  )
  const products = await Promise.all(skus.map((sku) => loaders.product.load(sku)))
  return products.filter(
    (one): one is Product => one !== null && (category === null || one.category === category),
  )
}

export function boundedCount(first: number | null | undefined, coordinate: string, usual = 10): number {
  return bounded(first ?? usual, MOST_RESULTS, coordinate)
}

export function bounded(count: number, most: number, coordinate: string, argument = 'first'): number {
  if (count >= 1 && count <= most) return count
  throw outOfBounds(coordinate, argument, [1, most])
}
