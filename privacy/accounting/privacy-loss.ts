import { outcomeAt, lossAt, type SampledGaussian } from './sampled-gaussian.ts'

/**
 * How large the privacy loss of one step is and how often, on a grid, so that for every ε its δ is at least that of the step
 * itself (a dominating pair; Zhu, Dong and Wang 2022, proposition 8).
 */
export interface PrivacyLoss {
  /** Distance of two losses of the grid. */
  readonly width: number
  /** `masses[i]` is the probability of the loss `(from + i) · width`. */
  readonly from: number
  readonly masses: Float64Array
  /** Probability of outcomes that give the person away. */
  readonly infinite: number
}

/** `remove`: the person was in the data and is taken out. `add`: the other way round. Whoever asks has to take the worse. */
export type Neighbour = 'remove' | 'add'

/**
 * Between two losses of the grid the mass is shared among both so that its probabilities under both neighbours are kept
 * ("connect the dots": Doroshenko, Ghazi, Kamath, Kumar and Manurangsi 2022). δ as a function of e^ε is then exact on the grid
 * and, being convex, nowhere too small between.
 */
export const privacyLossOf = (step: SampledGaussian, neighbour: Neighbour, width: number): PrivacyLoss => {
  const [least, most] = outcomesOf(step)
  const [leastLoss, mostLoss] = rangeOf(step)
  const [from, to] = [Math.floor(leastLoss / width), Math.ceil(mostLoss / width)]
  const shares = new Float64Array(to - from + 1)
  let begin = least
  for (let at = from; at < to; at += 1) {
    const end = Math.min(most, outcomeAt(step, (at + 1) * width))
    if (end <= begin) continue
    const shared = neighbour === 'remove' ? shareAsRemoved : shareAsAdded
    const { low, high } = shared(step, { begin, end, low: at * width, width })
    shares[at - from] = (shares[at - from] as number) + low
    shares[at - from + 1] = (shares[at - from + 1] as number) + high
    begin = end
  }
  const reversed = neighbour === 'add'
  return {
    width,
    from: reversed ? -to : from,
    masses: reversed ? shares.toReversed() : shares,
    infinite: OUT_OF_REACH,
  }
}

/** Between which losses those of one step are, when the person can be in it. */
export const rangeOf = (step: SampledGaussian): readonly [number, number] => {
  const [least, most] = outcomesOf(step)
  return [lossAt(step, least), lossAt(step, most)]
}

const outcomesOf = ({ noiseMultiplier: z }: SampledGaussian): readonly [number, number] => [
  -REACH * z,
  1 + REACH * z,
]

/** Standard deviations on each side; beyond them there is less than `OUT_OF_REACH`, which counts as lost. */
const REACH = 9
const OUT_OF_REACH = 1e-18

/** Outcomes from `begin` to `end`, whose losses are between `low` and `low + width`. */
interface Outcomes {
  readonly begin: number
  readonly end: number
  readonly low: number
  readonly width: number
}

/** With P(dx) = e^loss·Q(dx): shares a, b with a + b = P and a·e^−low + b·e^−high = Q, written so that nothing cancels out. */
const shareAsRemoved = (step: SampledGaussian, { begin, end, low, width }: Outcomes) => {
  const scale = Math.exp(low) / Math.expm1(width)
  const high = low + width
  return {
    low: integral(step, begin, end, (x) => -Math.expm1(lossAt(step, x) - high)) * scale * Math.exp(width),
    high: integral(step, begin, end, (x) => Math.expm1(lossAt(step, x) - low)) * scale * Math.exp(width),
  }
}

/** The neighbours have changed places, so the losses are −low and −high, and Q is what is drawn from. */
const shareAsAdded = (step: SampledGaussian, { begin, end, low, width }: Outcomes) => {
  const high = low + width
  return {
    low: integral(step, begin, end, (x) => -Math.expm1(lossAt(step, x) - high)) / -Math.expm1(-width),
    high: integral(step, begin, end, (x) => Math.expm1(lossAt(step, x) - low)) / Math.expm1(width),
  }
}

/** ∫ N(0,σ²)(dx)·weight(x), in pieces that are short against σ, each by Gauss and Legendre's five points. */
const integral = (
  { noiseMultiplier: z }: SampledGaussian,
  begin: number,
  end: number,
  weight: (x: number) => number,
): number => {
  const pieces = Math.max(1, Math.ceil((end - begin) / (z / 8)))
  const half = (end - begin) / pieces / 2
  let sum = 0
  for (let piece = 0; piece < pieces; piece += 1) {
    const middle = begin + half * (2 * piece + 1)
    for (const [node, share] of POINTS) {
      const x = middle + half * node
      sum += share * Math.exp((-x * x) / (2 * z * z)) * weight(x)
    }
  }
  return (sum * half) / (z * Math.sqrt(2 * Math.PI))
}

const POINTS = [
  [0, 128 / 225],
  [Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, (322 + 13 * Math.sqrt(70)) / 900],
  [-Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, (322 + 13 * Math.sqrt(70)) / 900],
  [Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3, (322 - 13 * Math.sqrt(70)) / 900],
  [-Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3, (322 - 13 * Math.sqrt(70)) / 900],
] as const
