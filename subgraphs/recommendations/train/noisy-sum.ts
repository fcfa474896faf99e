import { discreteGaussian } from '../../../privacy/noise/discrete-gaussian.ts'
import type { RandomWords } from '../../../privacy/noise/random-words.ts'

/**
 * A sum over people, in whole numbers on a grid, so that the noise is exact. What a person adds has an L2 length of at most
 * `GRID`, which stands for the clip of one: every number of theirs is rounded towards zero, so rounding makes nothing longer.
 */
export const GRID = 2 ** 12

/** Towards zero, and clipped a little below one, for what floating point may have added before. */
export const onGrid = (value: number): number => Math.trunc(value * GRID * (1 - 1e-9))

/** With noise of so many clips, rounded up to the grid; leaves the grid. Changes what is given: the exact sums are not kept. */
export const noisySum = (sums: Float64Array, noiseMultiplier: number, words: RandomWords): Float64Array => {
  const noise = discreteGaussian({ n: BigInt(Math.ceil(noiseMultiplier * GRID)), d: 1n })
  for (let at = 0; at < sums.length; at += 1) sums[at] = ((sums[at] as number) + noise(words)) / GRID
  return sums
}
