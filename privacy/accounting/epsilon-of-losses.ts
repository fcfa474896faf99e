import type { PrivacyLoss } from './privacy-loss.ts'

/** The smallest ε for which δ(ε) = Σ max(0, 1 − e^(ε − loss)), with all that counts as lost, is no more than `delta`. */
export const epsilonOfLosses = ({ masses, from, width, infinite }: PrivacyLoss, delta: number): number => {
  if (infinite > delta) return Number.POSITIVE_INFINITY
  // What is above, and the same by e^(last − loss): said against the last loss, neither overflows nor dies out.
  let [above, weighted, last] = [0, 0, 0]
  for (let at = masses.length - 1; at >= 0; at -= 1) {
    const mass = masses[at] as number
    if (mass === 0) continue
    const loss = (from + at) * width
    const carried = above === 0 ? 0 : weighted * Math.exp(loss - last)
    // Just below this loss nothing else counts; where that is already too much, the answer lies between it and the last one.
    if (infinite + above - carried > delta) break
    above += mass
    weighted = carried + mass
    last = loss
  }
  if (infinite + above <= delta) return 0
  return Math.max(0, last + Math.log((infinite + above - delta) / weighted))
}
