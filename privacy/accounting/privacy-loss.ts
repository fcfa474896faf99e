import { densityAt, densityOfNobodyAt, lossAt, outcomeAt, type SampledGaussian } from './sampled-gaussian.ts'

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
    const { low, high } = shareOut(step, { begin, end, low: at * width, width }, neighbour)
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

/**
 * With P(dx) = e^loss·Q(dx): shares a, b with a + b = P and a·e^−low + b·e^−high = Q, by Gauss and Legendre's five points in pieces
 * that are short against σ. Written so that nothing cancels out and, where noise is so narrow that e^loss is beyond all numbers,
 * nothing overflows. As `add` the neighbours have changed places: the losses are −low and −high, and Q is what is drawn from.
 */
const shareOut = (
  step: SampledGaussian,
  { begin, end, low, width }: Outcomes,
  neighbour: Neighbour,
): Shares => {
  const [isRemoved, densityOf] = neighbour === 'remove' ? [true, densityAt] : [false, densityOfNobodyAt]
  const pieces = Math.max(1, Math.ceil((end - begin) / (step.noiseMultiplier / 8)))
  const half = (end - begin) / pieces / 2
  let [toLow, toHigh] = [0, 0]
  for (let piece = 0; piece < pieces; piece += 1) {
    const middle = begin + half * (2 * piece + 1)
    for (let point = 0; point < NODES.length; point += 1) {
      const x = middle + half * (NODES[point] as number)
      const mass = (WEIGHTS[point] as number) * densityOf(step, x)
      if (mass === 0) continue
      const above = Math.max(0, lossAt(step, x) - low)
      const below = Math.max(0, width - above)
      toLow += mass * -Math.expm1(-below) * (isRemoved ? Math.exp(-above) : 1)
      toHigh += mass * -Math.expm1(-above) * (isRemoved ? 1 : Math.exp(-below))
    }
  }
  const scale = half / -Math.expm1(-width)
  return { low: toLow * scale, high: toHigh * scale }
}

interface Shares {
  readonly low: number
  readonly high: number
}

const [INNER, OUTER] = [Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3]
const NODES = [0, INNER, -INNER, OUTER, -OUTER]
const [NEAR, FAR] = [(322 + 13 * Math.sqrt(70)) / 900, (322 - 13 * Math.sqrt(70)) / 900]
const WEIGHTS = [128 / 225, NEAR, NEAR, FAR, FAR]
