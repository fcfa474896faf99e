import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { noisySum, onGrid } from './noisy-sum.ts'

/** Somebody, by places in two public lists. */
export interface Located {
  readonly items: Int32Array
  /** From the nearest to everywhere. */
  readonly locales: readonly number[]
}

/**
 * How much each item is taken in each locale, locale by locale, with noise. A person is one vector of length one: the same number for
 * each of their items in each of their locales.
 */
export const releaseLocalPopularity = (
  people: readonly Located[],
  { items, locales }: { readonly items: number; readonly locales: number },
  noiseMultiplier: number,
  words: RandomWords,
): readonly Float64Array[] => {
  const sums = new Float64Array(items * locales)
  for (const person of people) {
    const [own, around] = [new Set(person.items), new Set(person.locales)]
    const each = onGrid(1 / Math.sqrt(own.size * around.size))
    for (const locale of around)
      for (const item of own) sums[locale * items + item] = (sums[locale * items + item] as number) + each
  }
  const noisy = noisySum(sums, noiseMultiplier, words)
  return Array.from({ length: locales }, (_, at) => noisy.subarray(at * items, (at + 1) * items))
}

/**
 * What is taken in a place, half by what is seen there and half by what is taken everywhere, of which more is seen. Best first: places
 * in the list of items, of equal ones the first.
 */
export const orderIn = (local: Float64Array, everywhere: Float64Array): readonly number[] => {
  const part = sum(local) / sum(everywhere)
  const score = local.map((value, item) => value + part * (everywhere[item] as number))
  return [...score.keys()].toSorted((a, b) => (score[b] as number) - (score[a] as number) || a - b)
}

/** Of few people noise may be all there is. */
const sum = (values: Float64Array): number =>
  Math.max(
    1,
    values.reduce((all, value) => all + value, 0),
  )
