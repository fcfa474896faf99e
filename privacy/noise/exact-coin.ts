import type { RandomWords } from './random-words.ts'
import type { Rational } from './rational.ts'
import { uniformBelowBig } from './uniform-below.ts'

const WORD = 4_294_967_296
const WORD_BITS = 32n

/** In units of 2⁻³²; floating point is wrong by less than a thousandth of it. */
const MARGIN = 0.01

/**
 * True with exactly the probability that `exact` tells, of which `near` is the nearest floating-point number or one of its
 * neighbours. One word nearly always decides, and rounding cannot matter then: where it could, whole numbers decide.
 */
export const exactCoin = (words: RandomWords, near: number, exact: () => Rational): boolean => {
  const word = words.next()
  const at = near * WORD
  if (word + 1 <= at - MARGIN) return true
  if (word >= at + MARGIN) return false
  // The word is the first 32 bits of a uniform number between 0 and 1; what is left of it has to be below this.
  const { n, d } = exact()
  const left = (n << WORD_BITS) - BigInt(word) * d
  return left >= d || (left > 0n && uniformBelowBig(words, d) < left)
}
