import type { RenyiCurve } from './renyi.ts'

export interface EpsilonAtOrder {
  readonly epsilon: number
  /** The order that gave it; null where none of them gives any. */
  readonly order: number | null
}

/** The smallest ε that the curve proves for this δ (Canonne, Kamath and Steinke 2020, proposition 12), over all its orders. */
export const epsilonOfRenyi = ({ orders, values }: RenyiCurve, delta: number): EpsilonAtOrder => {
  let best: EpsilonAtOrder = { epsilon: Number.POSITIVE_INFINITY, order: null }
  for (const [index, order] of orders.entries()) {
    const epsilon = epsilonAt(order, values[index] ?? Number.POSITIVE_INFINITY, delta)
    if (epsilon < best.epsilon) best = { epsilon, order }
  }
  return best
}

const epsilonAt = (order: number, divergence: number, delta: number): number => {
  // No order is below the divergence of order 1, by which δ ≤ √(1 − e^−D) already (Bretagnolle and Huber 1979).
  if (delta ** 2 + Math.expm1(-divergence) > 0) return 0
  const epsilon = divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1)
  return Math.max(0, epsilon)
}
