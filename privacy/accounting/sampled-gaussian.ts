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
  // What is more than any number is left out of the exponent.
  return shifted > 500
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

/** Of outcomes where the person can be in the sample. */
export const densityAt = ({ samplingRate: q, noiseMultiplier: z }: SampledGaussian, x: number): number =>
  ((1 - q) * bell(x / z) + q * bell((x - 1) / z)) / z

/** Of outcomes where they cannot. */
export const densityOfNobodyAt = ({ noiseMultiplier: z }: SampledGaussian, x: number): number =>
  bell(x / z) / z

const bell = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)

/** Of the privacy loss of one step: the larger of the two, as either neighbour draws. */
export const varianceOf = (step: SampledGaussian): number => {
  const q = step.samplingRate
  const without = momentsOf(step, 0)
  const within = momentsOf(step, 1)
  const mean = (1 - q) * without.mean + q * within.mean
  const square = (1 - q) * without.square + q * within.square
  return Math.max(without.square - without.mean ** 2, square - mean ** 2)
}

/** Mean and mean square of the loss under noise around `at`. */
const momentsOf = (step: SampledGaussian, at: number): { readonly mean: number; readonly square: number } => {
  let [mean, square] = [0, 0]
  for (let deviation = -9; deviation <= 9; deviation += PIECE) {
    const loss = lossAt(step, at + deviation * step.noiseMultiplier)
    const weight = bell(deviation) * PIECE
    mean += weight * loss
    square += weight * loss * loss
  }
  return { mean, square }
}

const PIECE = 1 / 16
