import { epsilonOfRho } from '../../../privacy/accounting/concentrated.ts'
import { twoSided } from '../../../privacy/audit/special-functions.ts'
import type { Charge } from '../../../privacy/budget/charge.ts'
import { discreteGaussian } from '../../../privacy/noise/discrete-gaussian.ts'
import { discreteLaplace, type NoiseSampler } from '../../../privacy/noise/discrete-laplace.ts'
import { type Rational, rational, toNumber } from '../../../privacy/noise/rational.ts'
import type { MechanismName } from '../metric.ts'
import type { Part } from './part.ts'

/** What one release gives away, as the ledger is told of it and as noise is drawn by it. */
export interface Spending {
  readonly charge: Charge
  /** Noise for one part, whose weight is `weight` of `of`. */
  noiseFor(part: Part, of: number): Noise
}

export interface Noise {
  readonly sampler: NoiseSampler
  /** Beyond it on either side, a draw is with a probability of at most `beta`. */
  reach(beta: number): number
  /** Beyond it on one side, the sum of so many draws, each times something between −1 and 1, is with at most `beta`. */
  reachOfSum(count: number, beta: number): number
}

/** ε in thousandths. Null: it is too small for noise that can be drawn. */
export const spendingOf = (mechanism: MechanismName, thousandths: number, delta: number): Spending | null =>
  mechanism === 'discrete-laplace' ? laplaceSpending(thousandths) : gaussianSpending(thousandths, delta)

const laplaceSpending = (thousandths: number): Spending => ({
  charge: { kind: 'pure', epsilon: thousandths / 1000 },
  noiseFor: ({ sensitivity, weight }, of) =>
    laplaceNoise(rational(BigInt(sensitivity) * BigInt(of) * 1000n, BigInt(weight) * BigInt(thousandths))),
})

/** ρ in billionths, rounded down; σ in millionths, rounded up: the charge is never below what the noise gives away. */
const gaussianSpending = (thousandths: number, delta: number): Spending | null => {
  const rho = largestRho(thousandths / 1000, delta)
  if (rho === 0) return null
  return {
    charge: { kind: 'concentrated', rho: rho / BILLION },
    noiseFor: ({ squaredSensitivity, weight }, of) => {
      const variance = rational(
        BigInt(squaredSensitivity) * BigInt(of) * BigInt(BILLION),
        2n * BigInt(weight) * BigInt(rho),
      )
      return gaussianNoise(rational(rootAbove((variance.n * 10n ** 12n) / variance.d + 1n), 1_000_000n))
    },
  }
}

const BILLION = 1_000_000_000

const largestRho = (epsilon: number, delta: number): number => {
  let [low, high] = [0, Math.ceil(epsilon * BILLION * 10)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (epsilonOfRho(middle / BILLION, delta) <= epsilon) low = middle
    else high = middle
  }
  return low
}

/** The smallest whole number whose square is not below n. */
const rootAbove = (n: bigint): bigint => {
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) break
    root = next
  }
  return root * root < n ? root + 1n : root
}

const laplaceNoise = (scale: Rational): Noise => {
  const wide = toNumber(scale)
  const [p, q] = [Math.exp(-1 / wide), -Math.expm1(-1 / wide)]
  return {
    sampler: discreteLaplace(scale),
    // P(|X| > t) = 2pᵗ⁺¹ / (1 + p)
    reach: (beta) => Math.max(0, Math.ceil(wide * Math.log(2 / (beta * (1 + p))) - 1)),
    reachOfSum: (count, beta) =>
      leastBound(1 / wide, (t) => {
        const product = (1 - Math.exp(t - 1 / wide)) * (1 - Math.exp(-t - 1 / wide))
        return (count * (2 * Math.log(q) - Math.log(product)) - Math.log(beta)) / t
      }),
  }
}

/** A discrete Gaussian is no wider than a continuous one that is moved by one (Canonne, Kamath and Steinke 2020, §2.3). */
const gaussianNoise = (sigma: Rational): Noise => {
  const wide = toNumber(sigma)
  return {
    sampler: discreteGaussian(sigma),
    reach: (beta) => Math.ceil(wide * normalReach(beta)) + 1,
    reachOfSum: (count, beta) => wide * Math.sqrt(2 * count * Math.log(1 / beta)),
  }
}

/** Chernoff's bound holds for every t below the limit; the least of many is taken. */
const leastBound = (below: number, boundAt: (t: number) => number): number => {
  let least = Number.POSITIVE_INFINITY
  for (let step = 1; step < 400; step += 1) least = Math.min(least, boundAt((below * step) / 400))
  return least
}

const normalReach = (beta: number): number => {
  let [low, high] = [0, 40]
  for (let round = 0; round < 80; round += 1) {
    const middle = (low + high) / 2
    if (twoSided(middle) > beta) low = middle
    else high = middle
  }
  return high
}
