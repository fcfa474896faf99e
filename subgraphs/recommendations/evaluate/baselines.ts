import { easeWeights } from './ease.ts'
import type { Scorer } from './scorer.ts'

/** What is known without any privacy: to see what privacy costs. Never served. */
export const BASELINES: Readonly<Record<string, (baskets: readonly Int32Array[], items: number) => Scorer>> =
  {
    popularity: (baskets, items) => {
      const counts = new Float64Array(items)
      for (const basket of baskets) for (const item of basket) counts[item] = (counts[item] as number) + 1
      return (_, found) => {
        found.set(counts)
        return found
      }
    },
    /** Cosine of the people of two items (Linden, Smith and York 2003). */
    'item-knn': (baskets, items) => {
      const together = gramOf(baskets, items)
      const sizes = Float64Array.from({ length: items }, (_, item) =>
        Math.sqrt(together[item * items + item] as number),
      )
      const weights = together.map((both, at) => {
        const [row, column] = [Math.floor(at / items), at % items]
        return row === column || both === 0 ? 0 : both / ((sizes[row] as number) * (sizes[column] as number))
      })
      return bySums(weights, items)
    },
    ease: (baskets, items) => bySums(easeWeights(gramOf(baskets, items), items), items),
  }

const gramOf = (baskets: readonly Int32Array[], items: number): Float64Array => {
  const gram = new Float64Array(items * items)
  for (const basket of baskets)
    for (const one of basket)
      for (const other of basket) gram[one * items + other] = (gram[one * items + other] as number) + 1
  return gram
}

const bySums =
  (weights: Float64Array, items: number): Scorer =>
  (history, found) => {
    found.fill(0)
    for (const item of history)
      for (let other = 0; other < items; other += 1)
        found[other] = (found[other] as number) + (weights[item * items + other] as number)
    return found
  }
