import { exactCoin } from './exact-coin.ts'
import type { RandomWords } from './random-words.ts'
import type { Rational } from './rational.ts'

/**
 * True with probability exp(−γ), exactly, without ever computing it (Canonne, Kamath and Steinke, "The Discrete Gaussian for
 * Differential Privacy", 2020, algorithm 1): for γ ≤ 1 the number of successes of coins γ/1, γ/2, … before the first failure is
 * even with probability exp(−γ); for more, exp(−1) as often as it goes into it, and then the rest. `near` is γ as floating
 * point has it; it decides only where its error cannot matter.
 */
export const bernoulliExp = (words: RandomWords, near: number, exact: () => Rational): boolean => {
  let whole = Math.floor(near)
  const margin = MARGIN * (1 + near)
  if (near - whole < margin || near - whole > 1 - margin) whole = wholeOf(exact())
  for (let done = 0; done < whole; done += 1) if (!oncePerE(words)) return false
  return alternating(words, near - whole, () => lessBy(exact(), whole))
}

/** Of γ; floating point has it with an error far below this. */
const MARGIN = 1e-11

/** Of probability 1/e. */
export const oncePerE = (words: RandomWords): boolean => alternating(words, 1, () => ONE)

const ONE: Rational = { n: 1n, d: 1n }

const alternating = (words: RandomWords, near: number, exact: () => Rational): boolean => {
  for (let k = 1; ; k += 1) if (!exactCoin(words, near / k, () => dividedBy(exact(), k))) return k % 2 === 1
}

const wholeOf = ({ n, d }: Rational): number => Number(n / d)
const lessBy = ({ n, d }: Rational, whole: number): Rational => ({ n: n - BigInt(whole) * d, d })
const dividedBy = ({ n, d }: Rational, k: number): Rational => ({ n, d: d * BigInt(k) })
