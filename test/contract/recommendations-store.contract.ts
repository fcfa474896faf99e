import { beforeEach, describe, expect, test } from 'vitest'
import { learn } from '../../subgraphs/recommendations/learn.ts'
import type { Model, Product, RecommendationsStore } from '../../subgraphs/recommendations/store.ts'
import { generateRetailer } from '../../subgraphs/retailer/generate.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
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
      expect(await store.popular({ ...everywhere, locales: ['*'] })).toEqual([])
      expect(await store.products(['KIT-1'])).toEqual([])
      expect(await store.purchases(['ada'])).toEqual(new Map([['ada', []]]))
      expect(await store.similar(['KIT-1'])).toEqual(new Map([['KIT-1', []]]))
    })

    test('keeps products as they were written and leaves unknown ones out', async () => {
      await store.replace(model({}))
      const found = await store.products(['GAR-1', 'KIT-2', 'nothing'])
      expect(found.map((one) => one.sku).toSorted()).toEqual(['GAR-1', 'KIT-2'])
      expect(found.find((one) => one.sku === 'GAR-1')).toEqual(product('GAR-1'))
    })

    test('lists the catalogue by sku, of a category, and no more than asked', async () => {
      await store.replace(model({}))
      expect(skus(await store.catalogue(everywhere))).toEqual(['GAR-1', 'KIT-1', 'KIT-10', 'KIT-2'])
      expect(skus(await store.catalogue({ category: 'KIT', first: 2 }))).toEqual(['KIT-1', 'KIT-10'])
      expect(await store.catalogue({ category: 'nothing', first: 2 })).toEqual([])
    })

    test('tells what each person bought, once each product, and of nobody else', async () => {
      const bought = (pid: string, sku: string) => ({ pid, sku, at: NOON, locale: 'de-DE' })
      await store.replace(
        model({ purchases: [bought('ada', 'KIT-2'), bought('bo', 'GAR-1'), bought('ada', 'KIT-2')] }),
      )
      expect(await store.purchases(['ada', 'cyd'])).toEqual(
        new Map([
          ['ada', ['KIT-2']],
          ['cyd', []],
        ]),
      )
    })

    test('ranks by buyers of the nearest locale first, then of the next, then by sku', async () => {
      const popularity = [
        { locale: 'de-de', sku: 'KIT-2', buyers: 5 },
        { locale: 'de', sku: 'KIT-10', buyers: 50 },
        { locale: 'fr', sku: 'KIT-1', buyers: 500 },
        { locale: '*', sku: 'KIT-1', buyers: 9 },
      ]
      await store.replace(model({ popularity }))
      const popular = async (...locales: string[]) => skus(await store.popular({ ...everywhere, locales }))
      expect(await popular('de-de', 'de', '*')).toEqual(['KIT-2', 'KIT-10', 'KIT-1', 'GAR-1'])
      expect(await popular('de', '*')).toEqual(['KIT-10', 'KIT-1', 'GAR-1', 'KIT-2'])
      expect(await popular('sv', '*')).toEqual(['KIT-1', 'GAR-1', 'KIT-10', 'KIT-2'])
      const kitchen = { category: 'KIT', first: 2, locales: ['de-de', '*'] }
      expect(skus(await store.popular(kitchen))).toEqual(['KIT-2', 'KIT-1'])
    })

    test('tells neighbours nearest first, ties by sku, scores to the last digit', async () => {
      const similarities = [
        { sku: 'KIT-1', other: 'KIT-2', score: 1 / 3 },
        { sku: 'KIT-1', other: 'GAR-1', score: 1 / 3 },
        { sku: 'KIT-1', other: 'KIT-10', score: Math.SQRT1_2 },
        { sku: 'KIT-2', other: 'KIT-1', score: 1 / 3 },
      ]
      await store.replace(model({ similarities }))
      expect(await store.similar(['KIT-1', 'GAR-1'])).toEqual(
        new Map([
          [
            'KIT-1',
            [
              { other: 'KIT-10', score: Math.SQRT1_2 },
              { other: 'GAR-1', score: 1 / 3 },
              { other: 'KIT-2', score: 1 / 3 },
            ],
          ],
          ['GAR-1', []],
        ]),
      )
    })

    test('puts a new model in the place of the old one', async () => {
      await store.replace(model({ purchases: [{ pid: 'ada', sku: 'KIT-1', at: NOON, locale: 'de-DE' }] }))
      await store.replace({ ...model({}), products: [product('NEW-1')] })
      expect(skus(await store.catalogue(everywhere))).toEqual(['NEW-1'])
      expect((await store.purchases(['ada'])).get('ada')).toEqual([])
    })

    test('keeps the old model when the new one cannot be written', async () => {
      await store.replace(model({}))
      const twice = [product('NEW-1'), product('NEW-1')]
      await expect(store.replace({ ...model({}), products: twice })).rejects.toThrow()
      expect(skus(await store.catalogue(everywhere))).toHaveLength(4)
    })

    test('takes what is learned from a whole small retailer', async () => {
      const { products, events, people } = generateRetailer({ people: 200, events: 2_000, now: NOON })
      const locales = new Map(people.map(({ personKey, locale }) => [personKey, locale]))
      const purchases = events.flatMap(({ personKey, kind, sku, at }) =>
        kind !== 'purchase' || sku === null
          ? []
          : [{ pid: personKey, sku, at, locale: locales.get(personKey) ?? '' }],
      )
      const learned = learn({ products, purchases, mayLearnFrom: () => true })
      await store.replace(learned)
      const top = learned.popularity
        .filter(({ locale }) => locale === '*')
        .toSorted((a, b) => b.buyers - a.buyers || (a.sku < b.sku ? -1 : 1))
      const choice = { category: null, first: 20, locales: ['*'] }
      expect(skus(await store.popular(choice))).toEqual(top.slice(0, 20).map(({ sku }) => sku))
      const [first] = learned.similarities
      const neighbours = (await store.similar([first?.sku ?? ''])).get(first?.sku ?? '')
      expect(neighbours?.[0]).toEqual({ other: first?.other, score: first?.score })
    })

    test('what people bought follows them to their new pids, and is forgotten under the elder ones', async () => {
      const at = Date.UTC(2026, 0, 1)
      const purchases = ['ada', 'bo'].map((pid) => ({ pid, sku: 'KIT-1', at, locale: 'de' }))
      await store.replace(model({ purchases }))
      await store.copyPids([{ from: 'ada', to: 'ada-2' }])
      await store.copyPids([{ from: 'ada', to: 'ada-2' }])
      expect(await store.purchases(['ada', 'ada-2'])).toEqual(
        new Map([
          ['ada', ['KIT-1']],
          ['ada-2', ['KIT-1']],
        ]),
      )
      await store.forgetPids(['ada'])
      expect([...(await store.purchases(['ada', 'ada-2', 'bo'])).values()].flat()).toHaveLength(2)
    })
  })
}

const product = (sku: string): Product => ({
  sku,
  title: `The ${sku}`,
  category: sku.slice(0, 3),
  price: 12.99,
})

const model = (part: Partial<Model>): Model => ({
  products: ['KIT-2', 'KIT-10', 'KIT-1', 'GAR-1'].map(product),
  purchases: [],
  popularity: [],
  similarities: [],
  ...part,
})

const skus = (products: readonly Product[]): string[] => products.map(({ sku }) => sku)
