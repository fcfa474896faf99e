/** One step of a mechanism that adds Gaussian noise to a sum over a sample of the people. */
export interface SampledGaussian {
  /** Probability with which each person is in the sample, independently of the others (Poisson sampling); 1: everybody is. */
  readonly samplingRate: number
  /** Standard deviation of the noise, in units of what one person can change the sum by. */
  readonly noiseMultiplier: number
}

/**
 * The privacy loss of an outcome x of one step, log p(x)/q(x): p where the person can be in the sample,
 * (1−q)·N(0,σ²) + q·N(1,σ²); q where they cannot, N(0,σ²).
 */
export const lossAt = ({ samplingRate: q, noiseMultiplier: z }: SampledGaussian, x: number): number => {
  const shifted = (2 * x - 1) / (2 * z * z)
  if (q === 1) return shifted
  // Where the second term is the larger one it must not overflow.
  return shifted > 0
    ? shifted + Math.log(q + (1 - q) * Math.exp(-shifted))
    : Math.log1p(q * Math.expm1(shifted))
}

/** The outcome at which the privacy loss is `loss`; −∞ where it is always larger. */
export const outcomeAt = ({ samplingRate: q, noiseMultiplier: z }: SampledGaussian, loss: number): number => {
  const above = Math.expm1(loss) + q
  if (above <= 0) return Number.NEGATIVE_INFINITY
  const shifted = loss > 30 ? loss + Math.log1p((q - 1) * Math.exp(-loss)) - Math.log(q) : Math.log(above / q)
  return z * z * shifted + 0.5
}
