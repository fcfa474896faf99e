import DataLoader from 'dataloader'
import { handOutLists, type ListTerms, type RankedList } from './hand-out-lists.ts'
import type { CurrentFactors } from './item-factors.ts'
import { type PopularChoice, popularProducts } from './popular-products.ts'
import type { Product, RecommendationsStore } from './store.ts'
import type { HandedOut } from './vectors/vector-store.ts'

/** Each key asked for in one request goes to the store once, together with all others. */
export interface RecommendationsLoaders {
  readonly product: DataLoader<string, Product | null>
  readonly popular: DataLoader<PopularChoice, readonly Product[], string>
  readonly catalogue: RecommendationsStore['catalogue']
  /** All skus of a category: what is ranked is ranked among them, so that no list is short of what others do better. */
  readonly skusOf: DataLoader<string, readonly string[]>
  /** Makes a list of what may leave of it. Lists of one request are counted at once, when all of them are made. */
  readonly list: <T>(make: (handOut: HandOut) => Promise<T>) => Promise<T>
}

export type HandOut = (list: RankedList) => Promise<readonly string[]>

export interface LoadersOptions {
  readonly store: RecommendationsStore
  readonly factors: CurrentFactors
  readonly handedOut: HandedOut
  readonly terms: ListTerms
}

export function createLoaders({ store, factors, handedOut, terms }: LoadersOptions): RecommendationsLoaders {
  const skusOf = new DataLoader<string, readonly string[]>((categories) =>
    Promise.all(categories.map((category) => store.skusOf(category))),
  )
  return {
    product: new DataLoader(async (skus) => {
      const products = new Map((await store.products(skus)).map((one) => [one.sku, one]))
      return skus.map((sku) => products.get(sku) ?? null)
    }),
    popular: new DataLoader(
      (choices) => Promise.all(choices.map((choice) => popularProducts(choice, store, factors()))),
      { cacheKeyFn: (choice) => JSON.stringify(choice) },
    ),
    catalogue: (choice) => store.catalogue(choice),
    skusOf,
    list: gathered((lists) => handOutLists(lists, handedOut, terms)),
  }
}

/** Some lists take longer to be made than others: whoever is first waits for those that were begun when it is done. */
function gathered(
  handOut: (lists: readonly RankedList[]) => Promise<readonly (readonly string[])[]>,
): RecommendationsLoaders['list'] {
  let inTheMaking = 0
  let count = (): void => {}
  const lists = new DataLoader((made: readonly RankedList[]) => handOut(made), {
    cache: false,
    batchScheduleFn: (callback) => void (count = callback),
  })
  const made = (): void => {
    inTheMaking -= 1
    if (inTheMaking > 0) return
    const countThem = count
    count = () => {}
    countThem()
  }
  return async (make) => {
    inTheMaking += 1
    let isMade = false
    try {
      return await make((list) => {
        const given = lists.load(list)
        isMade = true
        made()
        return given
      })
    } finally {
      if (!isMade) made()
    }
  }
}
