// Whatever somebody has bought already: a list has as many products as were asked for, as long as there are so many others.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ItemFactors } from '../../subgraphs/recommendations/item-factors.ts'
import { createLoaders } from '../../subgraphs/recommendations/loaders.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import { recommend } from '../../subgraphs/recommendations/recommend.ts'

const skuOf = (n: number): string => `sku-${String(n).padStart(4, '0')}`

const world = fc
  .record({
    products: fc.integer({ min: 1, max: 900 }),
    /** Of which the first so many are popular by the model, from the last to the first. */
    popular: fc.nat(900),
    /** The best so many of what is popular are bought already: the others of the history lie anywhere. */
    bought: fc.nat(700),
    besides: fc.array(fc.nat(899), { maxLength: 5 }),
    related: fc.nat(6),
    count: fc.integer({ min: 1, max: 20 }),
  })
  .filter(({ bought, besides }) => bought + besides.length > 0)

test('a list is as long as was asked for, or holds all there is beside the history', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ products, popular, bought, besides, related, count }) => {
      const skus = Array.from({ length: products }, (_, n) => skuOf(n))
      const byModel = skus.slice(0, popular).toReversed()
      const history = [...byModel.slice(0, bought), ...besides.map(skuOf)]
      const others = skus.filter((sku) => !history.includes(sku))
      const near = others.slice(0, related)
      const factors: ItemFactors = {
        model: 'made up',
        rank: async () => near,
        towards: () => null,
        popular: () => byModel,
      }
      const store = createMemoryRecommendationsStore()
      await store.replace(skus.map((sku) => ({ sku, title: sku, category: 'any', price: 1 })))
      const loaders = createLoaders({
        store,
        factors: () => factors,
        handedOut: null as never,
        terms: null as never,
      })
      const { products: list, isPersonal } = await recommend(
        history,
        { count, locale: null, category: null },
        {
          loaders,
          factors: () => factors,
          handOut: async ({ ranked, wanted }) => ranked.slice(0, wanted),
        },
      )
      expect(new Set(list.map(({ sku }) => sku)).size).toBe(list.length)
      expect(list).toHaveLength(Math.min(count, isPersonal ? others.length : products))
      if (isPersonal) expect(list.filter(({ sku }) => history.includes(sku))).toEqual([])
    }),
    { numRuns: 150 },
  )
})
