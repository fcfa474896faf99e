import { added, type RenyiCurve, renyiCurve, timesCurve } from '../accounting/renyi.ts'
import { epsilonOfRenyi } from '../accounting/epsilon-of-renyi.ts'

/** What one release costs, said so that it can be written down and added up. */
export type Charge =
  /** Pure: discrete Laplace noise of scale sensitivity / ε. */
  | { readonly kind: 'pure'; readonly epsilon: number }
  /** Concentrated: discrete Gaussian noise, ρ = sensitivity² / 2σ². */
  | { readonly kind: 'concentrated'; readonly rho: number }
  /** Training: so many steps on Poisson samples. */
  | {
      readonly kind: 'steps'
      readonly samplingRate: number
      readonly noiseMultiplier: number
      readonly steps: number
    }

/** The same release so many times. */
export interface Charges {
  readonly charge: Charge
  readonly times: number
}

/** ε of all of them together at this δ: by Rényi's divergences, or added up where all are pure and that is less. */
export const epsilonOfCharges = (charges: readonly Charges[], delta: number): number => {
  if (charges.length === 0) return 0
  if (!charges.every(({ charge }) => isPossible(charge))) return Number.POSITIVE_INFINITY
  const { epsilon } = epsilonOfRenyi(added(charges.map(curveOfCharges)), delta)
  return Math.min(epsilon, pureSum(charges))
}

/** What is no number, or below zero, would make room for others. */
const isPossible = (charge: Charge): boolean => {
  switch (charge.kind) {
    case 'pure':
      return charge.epsilon > 0
    case 'concentrated':
      return charge.rho > 0
    case 'steps':
      return (
        charge.samplingRate >= 0 &&
        charge.samplingRate <= 1 &&
        charge.noiseMultiplier > 0 &&
        charge.steps >= 0
      )
  }
}

const pureSum = (charges: readonly Charges[]): number =>
  charges.reduce(
    (sum, { charge, times }) =>
      sum + (charge.kind === 'pure' ? charge.epsilon * times : Number.POSITIVE_INFINITY),
    0,
  )

const curveOfCharges = ({ charge, times }: Charges): RenyiCurve => timesCurve(curveOf(charge), times)

const curveOf = (charge: Charge): RenyiCurve => {
  switch (charge.kind) {
    case 'pure':
      return curveBy((order) => pureDivergence(charge.epsilon, order))
    case 'concentrated':
      return curveBy((order) => charge.rho * order)
    case 'steps':
      return renyiCurve(charge, charge.steps)
  }
}

const curveBy = (divergenceAt: (order: number) => number): RenyiCurve => {
  const { orders } = NOTHING
  return { orders, values: orders.map(divergenceAt) }
}

const NOTHING = added([])

/**
 * No mechanism of pure ε diverges more than randomised response (Mironov 2017, proposition 6):
 * log[(sinh αε − sinh (α−1)ε) / sinh ε] / (α−1), and never more than ε.
 */
const pureDivergence = (epsilon: number, order: number): number => {
  const top =
    order * epsilon + Math.log1p(-Math.exp(-epsilon)) + Math.log1p(Math.exp((1 - 2 * order) * epsilon))
  const bottom = epsilon + Math.log1p(-Math.exp(-2 * epsilon))
  return Math.min(epsilon, Math.max(0, (top - bottom) / (order - 1)))
}
