import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { noisySum, onGrid } from './noisy-sum.ts'

/**
 * How often items are with one person, with noise: a matrix of `size` × `size` for the items whose place is not −1.
 *
 * A person with n of these items is n(n−1)/2 pairs of the same weight, of length one together. Pairs are counted and drowned once:
 * the matrix is symmetric, so what is below the diagonal is what is above it, and the diagonal, which is popularity, stays empty
 * (after Dwork, Talwar, Thakurta and Zhang, "Analyze Gauss", 2014).
 */
export const releaseCoOccurrence = (
  baskets: readonly Int32Array[],
  { places, size }: { readonly places: Int32Array; readonly size: number },
  noiseMultiplier: number,
  words: RandomWords,
): Float64Array => {
  const pairs = new Float64Array((size * (size - 1)) / 2)
  for (const basket of baskets) addPairs(pairs, ownPlaces(basket, places), size)
  const noisy = noisySum(pairs, noiseMultiplier, words)
  const matrix = new Float64Array(size * size)
  let at = 0
  for (let row = 0; row < size; row += 1)
    for (let column = row + 1; column < size; column += 1, at += 1)
      matrix[row * size + column] = matrix[column * size + row] = noisy[at] as number
  return matrix
}

/** Newest last, and no more than the newest: a basket as large as the shop says nothing and takes for ever. */
const ownPlaces = (basket: Int32Array, places: Int32Array): Int32Array =>
  basket
    .map((item) => places[item] as number)
    .filter((place) => place >= 0)
    .slice(-MOST)
    .toSorted()

const MOST = 256

const addPairs = (pairs: Float64Array, own: Int32Array, size: number): void => {
  const count = (own.length * (own.length - 1)) / 2
  if (count === 0) return
  const each = onGrid(1 / Math.sqrt(count))
  for (const [from, row] of own.entries()) {
    const start = row * size - (row * (row + 1)) / 2 - row - 1
    for (let to = from + 1; to < own.length; to += 1) {
      const at = start + (own[to] as number)
      pairs[at] = (pairs[at] as number) + each
    }
  }
}
