/**
 * ε of adding Gaussian noise to a sum over everybody, so many times: the answers together are one Gaussian of μ = √steps / σ, whose
 * δ(ε) = Φ(μ/2 − ε/μ) − e^ε·Φ(−μ/2 − ε/μ) is known (Balle and Wang 2018, theorem 8). Rounded up, so never too small.
 */
export const epsilonOfGaussian = (noiseMultiplier: number, steps: number, delta: number): number => {
  if (steps === 0) return 0
  const mu = Math.sqrt(steps) / noiseMultiplier
  const logDelta = Math.log(delta) - ROUNDING - ROUNDING_OF_TWO / mu
  if (logDeltaAt(0, mu) <= logDelta) return 0
  // Beyond this many standard deviations of the loss nothing is left that could be written as δ.
  let [low, high] = [0, mu * (mu / 2 + 40)]
  while (high - low > high * 1e-14) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (logDeltaAt(middle, mu) <= logDelta) high = middle
    else low = middle
  }
  return high
}

/** Of log δ: more than floating point loses in computing it, and in taking two ratios that are close from one another. */
const [ROUNDING, ROUNDING_OF_TWO] = [1e-9, 1e-14]

const logDeltaAt = (epsilon: number, mu: number): number => {
  const [near, far] = [epsilon / mu - mu / 2, epsilon / mu + mu / 2]
  // With φ(far)·e^ε = φ(near) both terms are the density at `near` times a ratio that neither overflows nor dies out.
  return near >= 0
    ? logDensity(near) + Math.log(tailRatio(near) - tailRatio(far))
    : Math.log1p(-Math.exp(logDensity(near)) * (tailRatio(-near) + tailRatio(far)))
}

const logDensity = (x: number): number => -(x * x) / 2 - Math.log(2 * Math.PI) / 2

/** Mills' ratio Φ(−x) / φ(x) at x ≥ 0: a series near zero, a continued fraction farther out (DLMF §7.6, §7.9). */
const tailRatio = (x: number): number => (x < NEAR ? ratioByTerms(x) : ratioByFraction(x))

const NEAR = 2

const ratioByTerms = (x: number): number => {
  let term = x
  let sum = x
  for (let n = 3; term > sum * 1e-17; n += 2) {
    term *= (x * x) / n
    sum += term
  }
  return Math.sqrt(Math.PI / 2) * Math.exp((x * x) / 2) - sum
}

/** From far inside outwards: 1 / (x + 1 / (x + 2 / (x + …))). */
const ratioByFraction = (x: number): number => {
  let below = x
  for (let n = x < FAR ? TERMS_NEAR : TERMS_FAR; n >= 1; n -= 1) below = x + n / below
  return 1 / below
}

const FAR = 6
const [TERMS_NEAR, TERMS_FAR] = [300, 60]
