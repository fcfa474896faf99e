import { logSum } from './log-sum.ts'
import { densityOfNobodyAt, lossAt, type SampledGaussian } from './sampled-gaussian.ts'

/** Rényi divergence by order: what composes by adding up (Mironov, "Rényi Differential Privacy", 2017, proposition 1). */
export interface RenyiCurve {
  readonly orders: readonly number[]
  readonly values: readonly number[]
}

/** Close together where few steps have their best order, and far apart where many little ones have. */
const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, index) => 1 + (index + 1) / 100),
  ...Array.from({ length: 180 }, (_, index) => 2 + index / 10),
  ...Array.from({ length: 237 }, (_, index) => 20 + index),
  ...Array.from({ length: 20 }, (_, index) => Math.round(256 * 1.15 ** (index + 1))),
]

/** Of so many steps, each with a sample and noise of its own. */
export const renyiCurve = (step: SampledGaussian, steps: number, orders = ORDERS): RenyiCurve => ({
  orders,
  values: orders.map((order) => steps * renyiDivergence(step, order)),
})

/** Of one after the other. */
export const added = (curves: readonly RenyiCurve[]): RenyiCurve => {
  const [first] = curves
  if (first === undefined) return { orders: ORDERS, values: ORDERS.map(() => 0) }
  if (curves.some(({ orders }) => orders.join() !== first.orders.join()))
    throw new RangeError('curves are added order by order')
  const values = first.orders.map((_, index) =>
    curves.reduce((sum, curve) => sum + (curve.values[index] ?? 0), 0),
  )
  return { orders: first.orders, values }
}

/** Of the same so many times. */
export const timesCurve = ({ orders, values }: RenyiCurve, times: number): RenyiCurve => ({
  orders,
  values: values.map((value) => value * times),
})

/** Of one step, at one order above 1, between a sum with a person and without (Mironov, Talwar and Zhang 2019, theorem 4). */
export const renyiDivergence = (step: SampledGaussian, order: number): number => {
  const { samplingRate: q, noiseMultiplier: z } = step
  if (q === 0) return 0
  if (q === 1) return order / (2 * z * z)
  const moment = Number.isInteger(order) ? logMomentByTerms(step, order) : logMomentByOutcomes(step, order)
  return Math.max(0, moment / (order - 1))
}

/**
 * log Σ C(α,k) (1−q)^(α−k) q^k exp(k(k−1)/2σ²): exact at whole orders (Mironov, Talwar and Zhang 2019, §3.3). The binomial terms alone
 * add up to one, which is taken out of each: what is left is never lost beside the one, however small.
 */
const logMomentByTerms = (
  { samplingRate: q, noiseMultiplier: z }: SampledGaussian,
  order: number,
): number => {
  const logs: number[] = []
  let choose = 0
  for (let k = 0; k <= order; k += 1) {
    if (k >= 2)
      logs.push(
        choose + (order - k) * Math.log1p(-q) + k * Math.log(q) + logLessOne((k * (k - 1)) / (2 * z * z)),
      )
    choose += Math.log((order - k) / (k + 1))
  }
  return logOneAnd(logSum(logs))
}

/** log(exp(x) − 1) */
const logLessOne = (x: number): number => (x > 40 ? x : Math.log(Math.expm1(x)))

/** log(1 + exp(x)) */
const logOneAnd = (x: number): number => (x > 40 ? x : Math.log1p(Math.exp(x)))

/**
 * log ∫ N(0,σ²) exp(α·loss), by the trapezoidal rule, which for an integrand that is smooth and dies out on both sides is exact
 * but for exp(−2π·a/h), where a is how far into the complex plane it stays smooth: πσ². (The series that is usual for these
 * orders leaves out signs, and is up to 3 % too large.)
 */
const logMomentByOutcomes = (step: SampledGaussian, order: number): number => {
  const z = step.noiseMultiplier
  const width = Math.min(z / 8, (z * z) / 2)
  const [from, to] = [-REACH * z, order + REACH * z]
  const count = Math.ceil((to - from) / width)
  if (count > MOST_POINTS) return interpolated(step, order)
  const logs = new Float64Array(count + 1)
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at <= count; at += 1) {
    const x = from + at * width
    const log = order * lossAt(step, x) - (x * x) / (2 * z * z)
    logs[at] = log
    if (log > most) most = log
  }
  let sum = 0
  for (const log of logs) sum += Math.exp(log - most)
  const moment = most + Math.log((sum * width) / (z * Math.sqrt(2 * Math.PI)))
  return moment < SMALL ? smallMoment(step, order, { from, width, count }) : moment
}

/** Of a log that is computed beside a one: below it, digits that are asked for are lost. */
const SMALL = 1e-3

/** The same where little is above one: ∫ N(0,σ²)·(e^(α·loss) − 1 − α(e^loss − 1)), of which no part is below zero. */
const smallMoment = (
  step: SampledGaussian,
  order: number,
  { from, width, count }: { readonly from: number; readonly width: number; readonly count: number },
): number => {
  let sum = 0
  for (let at = 0; at <= count; at += 1) {
    const x = from + at * width
    const density = densityOfNobodyAt(step, x)
    if (density > 0) sum += density * aboveTangent(lossAt(step, x), order)
  }
  return Math.log1p(sum * width)
}

/** u^α − 1 − α(u − 1) for u = e^loss; near u = 1 by its series, where the difference would be rounded away. */
const aboveTangent = (loss: number, order: number): number => {
  const above = Math.expm1(loss)
  const reach = order * Math.abs(above)
  if (reach > 1e-3) return Math.expm1(order * loss) - order * above
  const [third, fourth] = [(order - 2) / 3, (order - 3) / 4]
  return ((order * (order - 1)) / 2) * above * above * (1 + third * above * (1 + fourth * above))
}

/** Standard deviations beyond which nothing is left that floating point could add. */
const REACH = 10

const MOST_POINTS = 200_000

/** (α−1)·divergence is convex in α, so between two whole orders it is at most what lies between theirs. */
const interpolated = (step: SampledGaussian, order: number): number => {
  const low = Math.floor(order)
  const lowMoment = low === 1 ? 0 : logMomentByTerms(step, low)
  const share = order - low
  return (1 - share) * lowMoment + share * logMomentByTerms(step, low + 1)
}
