import type { Product, RecommendationsStore } from './store.ts'

/** A catalogue in this process; gone when it ends. */
export function createMemoryRecommendationsStore(): RecommendationsStore {
  let bySku: ReadonlyMap<string, Product> = new Map()
  return {
    async products(skus) {
      return [...new Set(skus)].flatMap((sku) => bySku.get(sku) ?? [])
    },
    async catalogue({ category, first }) {
      return [...bySku.values()]
        .filter((one) => category === null || one.category === category)
        .slice(0, first)
    },
    async skusOf(category) {
      return [...bySku.values()].filter((one) => one.category === category).map(({ sku }) => sku)
    },
    async replace(products) {
      const skus = new Set(products.map(({ sku }) => sku))
      if (skus.size < products.length) throw new RangeError('A product comes twice.')
      bySku = new Map(products.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)).map((one) => [one.sku, one]))
    },
  }
}
