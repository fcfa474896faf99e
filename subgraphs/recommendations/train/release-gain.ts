import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { bestItems } from './best-items.ts'
import { type Factors, scoreItems } from './factors.ts'
import type { QualityEstimate } from './model.ts'
import { noisySum, onGrid } from './noisy-sum.ts'

interface Compared {
  readonly learned: Factors
  readonly popular: Factors
  /** Noisy. */
  readonly people: number
}

/**
 * How much more of what people took last a model finds in twenty than popularity does, with noise. A person is their gain, which
 * lies between −1 and 1, and its square: one vector, of length one. What people took last was learned from, too, but one person
 * is so far below the noise that it is not seen in the difference.
 */
export const releaseGain = (
  baskets: readonly Int32Array[],
  { learned, popular, people }: Compared,
  noiseMultiplier: number,
  words: RandomWords,
): QualityEstimate => {
  const sums = new Float64Array(2)
  for (const basket of baskets) {
    const last = Math.max(1, Math.round(basket.length * LAST))
    if (basket.length <= last) continue
    const history = basket.subarray(0, basket.length - last)
    const wanted = new Set(basket.subarray(basket.length - last))
    const gain = found(learned, history, wanted) - found(popular, history, wanted)
    for (const [at, part] of [gain, gain * gain].entries())
      sums[at] = (sums[at] as number) + onGrid(part / Math.SQRT2)
  }
  const [sum = 0, squares = 0] = noisySum(sums, noiseMultiplier, words)
  const value = (sum * Math.SQRT2) / people
  const chance = Math.max(0, (squares * Math.SQRT2) / people - value * value) / people
  const noise = 2 * (noiseMultiplier / people) ** 2
  const reach = 1.96 * Math.sqrt(chance + noise)
  return { value, interval: [value - reach, value + reach] }
}

/** Of a basket, the newest part. */
const LAST = 0.2
const COUNT = 20

const found = (factors: Factors, history: Int32Array, wanted: ReadonlySet<number>): number => {
  const scores = scoreItems(factors, history, new Float64Array(factors.bias.length))
  const hits = bestItems(scores, history, COUNT).filter((item) => wanted.has(item)).length
  return hits / Math.min(COUNT, wanted.size)
}
