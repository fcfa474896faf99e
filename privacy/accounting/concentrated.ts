/** Zero-concentrated differential privacy of adding Gaussian noise of this width, in units of what one person changes, so many times. */
export const rhoOfGaussian = (noiseMultiplier: number, times = 1): number =>
  times / (2 * noiseMultiplier ** 2)

/**
 * The smallest ε that ρ proves for this δ: over all orders α of αρ + log(1 − 1/α) − log(αδ)/(α−1) (Canonne, Kamath and
 * Steinke 2020, corollary 13). Bun and Steinke's closed form, ρ + 2√(ρ log 1/δ), is larger.
 */
export const epsilonOfRho = (rho: number, delta: number): number => {
  if (rho === 0) return 0
  const epsilonAt = (logExcess: number): number => {
    const excess = Math.exp(logExcess)
    const order = 1 + excess
    return order * rho + Math.log(excess / order) - Math.log(order * delta) / excess
  }
  return Math.max(0, epsilonAt(lowestAt(epsilonAt, LEAST, MOST)))
}

/** Of log(α − 1). */
const [LEAST, MOST] = [-12, 30]

/** Where a function that falls and then rises is lowest, by golden section. */
const lowestAt = (f: (x: number) => number, from: number, to: number): number => {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [from, to]
  for (let round = 0; round < 200; round += 1) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)]
    if (f(a) < f(b)) high = b
    else low = a
  }
  return (low + high) / 2
}
