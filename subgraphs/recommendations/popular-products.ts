import type { ItemFactors } from './item-factors.ts'
import { localeChain } from './locale-chain.ts'
import type { CatalogueChoice, Product, RecommendationsStore } from './store.ts'

export interface PopularChoice extends CatalogueChoice {
  /** BCP 47; null: everywhere. */
  readonly locale: string | null
}

/** How many of the model's are looked at; of a category, so many of it. */
const MOST_RANKED = 500

/**
 * The default of nobody in particular, by locale and category: as a model has it, whose counts are noisy, and then the catalogue in
 * its order. Without a model it is the catalogue alone: how many people bought something is counted by nobody else.
 */
export async function popularProducts(
  { locale, category, first }: PopularChoice,
  store: Pick<RecommendationsStore, 'products' | 'catalogue' | 'skusOf'>,
  factors: ItemFactors | null,
): Promise<readonly Product[]> {
  const all = factors?.popular(localeChain(locale)) ?? []
  const among = category === null || all.length === 0 ? null : new Set(await store.skusOf(category))
  const ranked = all.filter((sku) => among?.has(sku) ?? true).slice(0, MOST_RANKED)
  const found = new Map(
    (ranked.length === 0 ? [] : await store.products(ranked)).map((one) => [one.sku, one]),
  )
  const known = ranked
    .flatMap((sku) => found.get(sku) ?? [])
    .filter((one) => category === null || one.category === category)
    .slice(0, first)
  if (known.length === first) return known
  const skus = new Set(known.map(({ sku }) => sku))
  const rest = (await store.catalogue({ category, first })).filter(({ sku }) => !skus.has(sku))
  return [...known, ...rest].slice(0, first)
}
