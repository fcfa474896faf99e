import { bernoulliExp, oncePerE } from './bernoulli-exp.ts'
import type { RandomWords } from './random-words.ts'
import type { Rational } from './rational.ts'
import { uniformBelow } from './uniform-below.ts'

/** Draws one whole number. */
export type NoiseSampler = (words: RandomWords) => number

/**
 * P(x) ∝ exp(−|x| / scale) over the whole numbers, exactly (Canonne, Kamath and Steinke 2020, algorithm 2). Of a query that
 * one person changes by at most Δ, a scale of Δ/ε gives ε-differential privacy; floating-point noise gives none (Mironov,
 * "On Significance of the Least Significant Bits", 2012).
 */
export const discreteLaplace = ({ n, d }: Rational): NoiseSampler => {
  if (n === 0n) throw new RangeError('noise of no width hides nothing')
  if (n > MOST || d > MOST) throw new RangeError('the scale has too many digits')
  const [t, s] = [Number(n), Number(d)]
  return (words) => {
    for (;;) {
      const u = uniformBelow(words, t)
      if (u !== 0 && !bernoulliExp(words, u / t, () => ({ n: BigInt(u), d: n }))) continue
      let v = 0
      while (oncePerE(words)) v += 1
      const size = Math.floor((u + t * v) / s)
      const isNegative = words.next() >= HALF
      if (isNegative && size === 0) continue
      return isNegative ? -size : size
    }
  }
}

/** So that floating point holds every whole number on the way: `v` is above nine thousand once in e⁹⁰⁰⁰ draws. */
const MOST = 1_000_000_000_000n

const HALF = 0x8000_0000
