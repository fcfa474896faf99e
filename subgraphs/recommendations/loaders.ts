import DataLoader from 'dataloader'
import { handOutLists, type ListTerms, type RankedList } from './hand-out-lists.ts'
import type { Neighbour } from './item-to-item.ts'
import type { PopularChoice, Product, RecommendationsStore } from './store.ts'
import type { HandedOut } from './vectors/vector-store.ts'

/** Each key asked for in one request goes to the store once, together with all others. */
export interface RecommendationsLoaders {
  readonly purchases: DataLoader<string, readonly string[]>
  readonly similar: DataLoader<string, readonly Neighbour[]>
  readonly product: DataLoader<string, Product | null>
  readonly popular: DataLoader<PopularChoice, readonly Product[], string>
  readonly catalogue: RecommendationsStore['catalogue']
  /** What of a list may leave. Lists that are made at once are counted at once. */
  readonly handedOut: DataLoader<RankedList, readonly string[]>
}

export interface LoadersOptions {
  readonly store: RecommendationsStore
  readonly handedOut: HandedOut
  readonly terms: ListTerms
}

export function createLoaders({ store, handedOut, terms }: LoadersOptions): RecommendationsLoaders {
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
    handedOut: new DataLoader((lists) => handOutLists(lists, handedOut, terms), { cache: false }),
  }
}

const inOrder = <T>(keys: readonly string[], found: ReadonlyMap<string, readonly T[]>): (readonly T[])[] =>
  keys.map((key) => found.get(key) ?? [])
