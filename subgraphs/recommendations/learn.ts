import { similarItems } from './item-to-item.ts'
import { countBuyers } from './popular.ts'
import type { Model, Product, Purchase } from './store.ts'

export interface LearnInput {
  readonly products: readonly Product[]
  readonly purchases: readonly Purchase[]
  /** Whose purchases may be learned from for the good of others. */
  readonly mayLearnFrom: (pid: string) => boolean
}

/**
 * Everybody's purchases are kept for their own recommendations; counts and similarities are made of those alone who
 * allow recommendations from what they bought (GDPR Art. 6(1)(a)).
 */
export function learn({ products, purchases, mayLearnFrom }: LearnInput): Model {
  const material = purchases.filter(({ pid }) => mayLearnFrom(pid))
  const baskets = new Map<string, string[]>()
  for (const { pid, sku } of material) {
    const basket = baskets.get(pid)
    if (basket) basket.push(sku)
    else baskets.set(pid, [sku])
  }
  return {
    products,
    purchases,
    popularity: countBuyers(material),
    similarities: similarItems(baskets.values()),
  }
}
