import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openModel } from '../../subgraphs/open-model.ts'
import type { ItemFactors } from '../../subgraphs/recommendations/item-factors.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import type { Product } from '../../subgraphs/recommendations/store.ts'
import type { ModelCard } from '../../subgraphs/recommendations/train/model.ts'
import type { LocalPopularity } from '../../subgraphs/recommendations/local-popularity.ts'
import { spentOn } from '../../subgraphs/recommendations/train/spent-on.ts'
import { generateRetailer, type Retailer } from '../../subgraphs/retailer/generate.ts'

const storeOf = async (products: readonly Product[]) => {
  const store = createMemoryRecommendationsStore()
  await store.replace(products)
  return { recommendations: store }
}

const silent = () => undefined

describe('A shop on trial', () => {
  let shop: Retailer
  let model: ItemFactors

  beforeAll(async () => {
    shop = generateRetailer({ people: 500, events: 10_000, now: Date.UTC(2026, 4, 1) })
    const { surroundings } = await openModel(null, await storeOf(shop.products), silent)
    model = surroundings.factors?.() ?? expect.fail('no model is in use')
  })

  it('is served with a model whose card says ε for one person, and that is not of a test', () => {
    const file = new URL('../../subgraphs/recommendations/shop-model/model.json', import.meta.url)
    const card = JSON.parse(readFileSync(file, 'utf8')) as ModelCard
    expect(card).toMatchObject({ items: 200, testSeed: null, privacy: { unit: 'one person', delta: 1e-5 } })
    expect(card.privacy.epsilon).toBeLessThanOrEqual(1.5)
    expect(model.model).toBe(`${card.kind}/${card.version}`)
  })

  it('shows nobody in particular what is popular where they are, released once and with its ε', () => {
    const file = new URL('../../subgraphs/recommendations/shop-model/popularity.json', import.meta.url)
    const { privacy, orders } = JSON.parse(readFileSync(file, 'utf8')) as LocalPopularity
    expect(privacy).toMatchObject({ unit: 'one person', delta: 1e-5, accountant: 'zcdp' })
    expect(privacy.epsilon).toBeLessThanOrEqual(1.5)
    expect(spentOn(privacy.releases, privacy.delta).epsilon).toBeCloseTo(privacy.epsilon, 9)
    for (const order of Object.values(orders)) expect(order.toSorted()).toEqual(orders['*']?.toSorted())
    expect(model.popular(['de-de', 'de', '*'])).toEqual(orders['de-de'])
    expect(model.popular(['de-de', 'de', '*'])).not.toEqual(model.popular(['fr-fr', 'fr', '*']))
    expect(model.popular(['sv-se', 'sv', '*'])).toEqual(orders['*'])
  })

  it('is shown what people go on to buy, more often than by what is bought most', async () => {
    const bought = new Map<string, string[]>()
    const buyers = new Map<string, number>()
    for (const { personKey, kind, sku } of shop.events) {
      if (kind !== 'purchase' || sku === null) continue
      bought.set(personKey, [...(bought.get(personKey) ?? []), sku])
      buyers.set(sku, (buyers.get(sku) ?? 0) + 1)
    }
    const popular = [...buyers].toSorted((a, b) => b[1] - a[1]).map(([sku]) => sku)
    let [byModel, byPopularity, people] = [0, 0, 0]
    for (const skus of bought.values()) {
      const last = skus.at(-1) ?? ''
      const before = skus.slice(0, -1).filter((sku) => sku !== last)
      if (before.length < 2) continue
      people += 1
      // oxlint-disable-next-line no-await-in-loop -- one person after the other
      if ((await model.rank(before, 20)).includes(last)) byModel += 1
      if (
        popular
          .filter((sku) => !before.includes(sku))
          .slice(0, 20)
          .includes(last)
      )
        byPopularity += 1
    }
    expect(people).toBeGreaterThan(100)
    expect(byModel / people).toBeGreaterThan(byPopularity / people + 0.05)
  })

  it('that sells anything else is not served with it', async () => {
    const { surroundings } = await openModel(null, await storeOf(shop.products.slice(1)), silent)
    expect(surroundings).toEqual({})
  })
})
