import { bernoulliExp } from './bernoulli-exp.ts'
import { discreteLaplace, type NoiseSampler } from './discrete-laplace.ts'
import { type Rational, squared, toNumber } from './rational.ts'

/**
 * P(x) ∝ exp(−x² / 2σ²) over the whole numbers, exactly (Canonne, Kamath and Steinke 2020, algorithm 3): a discrete Laplace
 * draw y is kept with probability exp(−(|y| − σ²/t)² / 2σ²). Of a query that one person changes by at most Δ, it gives
 * Δ²/2σ² of zero-concentrated differential privacy.
 */
export const discreteGaussian = (sigma: Rational): NoiseSampler => {
  if (sigma.n === 0n) throw new RangeError('noise of no width hides nothing')
  const t = sigma.n / sigma.d + 1n
  const draw = discreteLaplace({ n: t, d: 1n })
  const { n: p, d: q } = squared(sigma)
  const variance = toNumber({ n: p, d: q })
  const middle = variance / Number(t)
  const exact = (size: number): Rational => {
    const away = BigInt(size) * t * q - p
    return { n: away * away, d: 2n * p * q * t * t }
  }
  return (words) => {
    for (;;) {
      const y = draw(words)
      const size = Math.abs(y)
      const near = (size - middle) ** 2 / (2 * variance)
      if (bernoulliExp(words, near, () => exact(size))) return y
    }
  }
}
