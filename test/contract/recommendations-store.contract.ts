import { beforeEach, describe, expect, test } from 'vitest'
import type { Product, RecommendationsStore } from '../../subgraphs/recommendations/store.ts'

const everywhere = { category: null, first: 10 }

/** What every recommendations store promises. `open` gives an empty one. */
export function recommendationsStoreContract(
  engine: string,
  open: () => Promise<RecommendationsStore>,
): void {
  describe(`A recommendations store on ${engine}`, () => {
    let store: RecommendationsStore
    beforeEach(async () => {
      store = await open()
    })

    test('is empty before it is filled', async () => {
      expect(await store.catalogue(everywhere)).toEqual([])
      expect(await store.products(['KIT-1'])).toEqual([])
    })

    test('keeps products as they were written and leaves unknown ones out', async () => {
      await store.replace(PRODUCTS)
      const found = await store.products(['GAR-1', 'KIT-2', 'nothing'])
      expect(found.map((one) => one.sku).toSorted()).toEqual(['GAR-1', 'KIT-2'])
      expect(found.find((one) => one.sku === 'GAR-1')).toEqual(product('GAR-1'))
    })

    test('lists the catalogue by sku, of a category, and no more than asked', async () => {
      await store.replace(PRODUCTS)
      expect(skus(await store.catalogue(everywhere))).toEqual(['GAR-1', 'KIT-1', 'KIT-10', 'KIT-2'])
      expect(skus(await store.catalogue({ category: 'KIT', first: 2 }))).toEqual(['KIT-1', 'KIT-10'])
      expect(await store.catalogue({ category: 'nothing', first: 2 })).toEqual([])
    })

    test('names all that is sold of a category, by sku, and nothing else', async () => {
      await store.replace(PRODUCTS)
      expect(await store.skusOf('KIT')).toEqual(['KIT-1', 'KIT-10', 'KIT-2'])
      expect(await store.skusOf('nothing')).toEqual([])
    })

    test('puts a new catalogue in the place of the old one', async () => {
      await store.replace(PRODUCTS)
      await store.replace([product('NEW-1')])
      expect(skus(await store.catalogue(everywhere))).toEqual(['NEW-1'])
    })

    test('keeps the old catalogue when the new one cannot be written', async () => {
      await store.replace(PRODUCTS)
      await expect(store.replace([product('NEW-1'), product('NEW-1')])).rejects.toThrow()
      expect(skus(await store.catalogue(everywhere))).toHaveLength(4)
    })
  })
}

const product = (sku: string): Product => ({
  sku,
  title: `The ${sku}`,
  category: sku.slice(0, 3),
  price: 12.99,
})

const PRODUCTS = ['KIT-2', 'KIT-10', 'KIT-1', 'GAR-1'].map(product)

const skus = (products: readonly Product[]): string[] => products.map(({ sku }) => sku)
