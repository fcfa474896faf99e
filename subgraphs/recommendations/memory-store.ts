import type { Neighbour } from './item-to-item.ts'
import type { Model, PopularChoice, Product, RecommendationsStore } from './store.ts'

/** Recommendations in this process; gone when it ends. */
export function createMemoryRecommendationsStore(): RecommendationsStore {
  let model = indexModel({ products: [], purchases: [], popularity: [], similarities: [] })
  return {
    async purchases(pids) {
      return new Map(pids.map((pid) => [pid, [...(model.bought.get(pid) ?? [])]]))
    },
    async products(skus) {
      return [...new Set(skus)].flatMap((sku) => model.products.get(sku) ?? [])
    },
    async catalogue({ category, first }) {
      return ofCategory(model, category).slice(0, first)
    },
    async popular(choice) {
      return rankByBuyers(model, choice).slice(0, choice.first)
    },
    async similar(skus) {
      return new Map(skus.map((sku) => [sku, model.similar.get(sku) ?? []]))
    },
    async replace(next) {
      model = indexModel(next)
    },
    async copyPids(renamed) {
      const bought = new Map(model.bought)
      for (const { from, to } of renamed) {
        const own = bought.get(from)
        if (own !== undefined && !bought.has(to)) bought.set(to, own)
      }
      model = { ...model, bought }
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      model = { ...model, bought: new Map([...model.bought].filter(([pid]) => !gone.has(pid))) }
    },
  }
}

interface IndexedModel {
  /** By sku, in order of sku. */
  readonly products: ReadonlyMap<string, Product>
  readonly bought: ReadonlyMap<string, ReadonlySet<string>>
  readonly similar: ReadonlyMap<string, readonly Neighbour[]>
  readonly buyers: ReadonlyMap<string, number>
}

function indexModel({ products, purchases, popularity, similarities }: Model): IndexedModel {
  const skus = new Set(products.map(({ sku }) => sku))
  if (skus.size < products.length) throw new RangeError('A product comes twice.')
  const bought = new Map<string, Set<string>>()
  for (const { pid, sku } of purchases) bought.set(pid, (bought.get(pid) ?? new Set()).add(sku))
  const similar = new Map<string, Neighbour[]>()
  for (const { sku, other, score } of similarities) {
    const neighbours = similar.get(sku)
    if (neighbours) neighbours.push({ other, score })
    else similar.set(sku, [{ other, score }])
  }
  for (const neighbours of similar.values()) {
    neighbours.sort((a, b) => b.score - a.score || (a.other < b.other ? -1 : 1))
  }
  return {
    products: new Map(products.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)).map((one) => [one.sku, one])),
    bought,
    similar,
    buyers: new Map(popularity.map(({ locale, sku, buyers }) => [JSON.stringify([locale, sku]), buyers])),
  }
}

const ofCategory = ({ products }: IndexedModel, category: string | null): Product[] =>
  [...products.values()].filter((one) => category === null || one.category === category)

/** The sort is stable, so products with equal counts stay in order of sku. */
function rankByBuyers(model: IndexedModel, { locales, category }: PopularChoice): Product[] {
  const buyersOf = (locale: string, { sku }: Product): number =>
    model.buyers.get(JSON.stringify([locale, sku])) ?? 0
  return ofCategory(model, category).toSorted((a, b) => {
    const decisive = locales.find((locale) => buyersOf(locale, a) !== buyersOf(locale, b))
    return decisive === undefined ? 0 : buyersOf(decisive, b) - buyersOf(decisive, a)
  })
}
