import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import type { Interactions } from './interactions.ts'
import { GRID, noisySum, onGrid } from './noisy-sum.ts'

/** What is known of everybody together, with noise. */
export interface Popularity {
  /** About how many people there are. */
  readonly people: number
  /** Of each item: how much of a person it takes up on average, the squares of one person's being one together. */
  readonly share: Float64Array
  /** Standard deviation of the noise on `share`. */
  readonly noise: number
}

/** A person is one vector of length one: 1/√n for each of their n items, and a fixed part that counts the person. */
export const releasePopularity = (
  { items, baskets }: Interactions,
  noiseMultiplier: number,
  words: RandomWords,
): Popularity => {
  const sums = new Float64Array(items.length + 1)
  const one = onGrid(PERSON)
  for (const basket of baskets) {
    sums[items.length] = (sums[items.length] as number) + one
    const each = onGrid(Math.sqrt((1 - PERSON ** 2) / basket.length))
    for (const item of basket) sums[item] = (sums[item] as number) + each
  }
  const noisy = noisySum(sums, noiseMultiplier, words)
  const people = Math.max(1, (noisy[items.length] as number) / (one / GRID))
  const part = Math.sqrt(1 - PERSON ** 2)
  return {
    people: Math.round(people),
    share: noisy.subarray(0, items.length).map((value) => value / part / people),
    noise: noiseMultiplier / part / people,
  }
}

const PERSON = 0.2
