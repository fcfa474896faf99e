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
  /** All that is known is ε and δ: reserved for what decides on its way how it reads. */
  | { readonly kind: 'approximate'; readonly epsilon: number; readonly delta: number }

/** The same release so many times. */
export interface Charges {
  readonly charge: Charge
  readonly times: number
}

/**
 * ε of all of them together at this δ: by Rényi's divergences, or added up where all are pure and that is less. Of whom ε and δ is all
 * that is known adds both to the rest (Dwork and Roth 2014, theorem 3.16).
 */
export const epsilonOfCharges = (charges: readonly Charges[], delta: number): number => {
  if (!charges.every(({ charge }) => isPossible(charge))) return Number.POSITIVE_INFINITY
  const { rest, epsilon, deltaLeft } = withoutApproximate(charges, delta)
  if (deltaLeft < -ROUNDING * delta) return Number.POSITIVE_INFINITY
  if (rest.length === 0) return epsilon
  return epsilon + (deltaLeft > ROUNDING * delta ? epsilonOfCurves(rest, deltaLeft) : pureSum(rest))
}

/** Of floating point alone. */
const ROUNDING = 1e-9

type WithCurve = Exclude<Charge, { readonly kind: 'approximate' }>

interface Known {
  readonly charge: WithCurve
  readonly times: number
}

const withoutApproximate = (
  charges: readonly Charges[],
  delta: number,
): { readonly rest: readonly Known[]; readonly epsilon: number; readonly deltaLeft: number } => {
  const rest: Known[] = []
  let [epsilon, deltaLeft] = [0, delta]
  for (const { charge, times } of charges) {
    if (charge.kind !== 'approximate') {
      rest.push({ charge, times })
      continue
    }
    epsilon += charge.epsilon * times
    deltaLeft -= charge.delta * times
  }
  return { rest, epsilon, deltaLeft }
}

const epsilonOfCurves = (charges: readonly Known[], delta: number): number =>
  Math.min(epsilonOfRenyi(added(charges.map(curveOfCharges)), delta).epsilon, pureSum(charges))

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
    case 'approximate':
      return charge.epsilon > 0 && charge.delta > 0
  }
}

const pureSum = (charges: readonly Known[]): number =>
  charges.reduce(
    (sum, { charge, times }) =>
      sum + (charge.kind === 'pure' ? charge.epsilon * times : Number.POSITIVE_INFINITY),
    0,
  )

const curveOfCharges = ({ charge, times }: Known): RenyiCurve => timesCurve(curveOf(charge), times)

const curveOf = (charge: WithCurve): RenyiCurve => {
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
