import { composeLosses, reachOf } from './compose-losses.ts'
import { epsilonOfLosses } from './epsilon-of-losses.ts'
import { epsilonOfRenyi } from './epsilon-of-renyi.ts'
import { epsilonOfGaussian } from './gaussian-exactly.ts'
import { type Neighbour, type PrivacyLoss, privacyLossOf, rangeOf } from './privacy-loss.ts'
import { renyiCurve } from './renyi.ts'
import { type SampledGaussian, varianceOf } from './sampled-gaussian.ts'

export interface EpsilonOfSteps {
  readonly epsilon: number
  /** What proved it: the distribution of losses, Rényi’s divergences, or that a sample gives no more away than everybody does. */
  readonly by: 'losses' | 'renyi' | 'everybody'
  /** Whether it is as near to the truth as `NEAR` says; else it is only known not to be below. */
  readonly isNear: boolean
}

/** How much above the truth ε may be and still be called near: half of what is promised. */
export const NEAR = 0.01

/**
 * ε of so many steps by their privacy-loss distribution: the tightest that is known, computed so that it is never too small.
 * Both neighbours are looked at, since only together they bound what anybody can learn. Where no grid that fits in memory is fine
 * enough it is said, and Rényi’s is taken where that is less.
 */
export const epsilonOfSteps = (step: SampledGaussian, steps: number, delta: number): EpsilonOfSteps => {
  const { samplingRate, noiseMultiplier } = step
  if (samplingRate === 0 || steps === 0) return { epsilon: 0, by: 'losses', isNear: true }
  const ofEverybody = epsilonOfGaussian(noiseMultiplier, steps, delta)
  // A sample never gives more away than everybody does.
  if (samplingRate === 1 || ofEverybody === 0) return { epsilon: ofEverybody, by: 'losses', isNear: true }
  const ofRenyi = epsilonOfRenyi(renyiCurve(step, steps), delta).epsilon
  const known =
    ofRenyi <= ofEverybody
      ? ({ epsilon: ofRenyi, by: 'renyi' } as const)
      : ({ epsilon: ofEverybody, by: 'everybody' } as const)
  const found = known.epsilon < NOTHING ? null : byLosses(step, steps, delta)
  if (found === null) return { ...known, isNear: known.epsilon <= NEAR }
  return found <= known.epsilon ? { epsilon: found, by: 'losses', isNear: true } : { ...known, isNear: true }
}

/** Less than anybody asks for: no grid is laid over it. */
const NOTHING = 1e-6

/** Null: on no grid that fits it is as near as promised. */
const byLosses = (step: SampledGaussian, steps: number, delta: number): number | null => {
  const outside = delta * OUTSIDE
  let most = 0
  for (const neighbour of NEIGHBOURS) {
    const loss = onGrid(step, neighbour, { steps, outside })
    if (loss === null) return null
    const composed = composeLosses(loss, steps, outside)
    if (composed.infinite > delta * LOST) return null
    most = Math.max(most, epsilonOfLosses(composed, delta))
  }
  return most
}

const NEIGHBOURS: readonly Neighbour[] = ['remove', 'add']

/** Of δ: what may be cut off on each side, and is counted as lost. */
const OUTSIDE = 1e-7

/** Of δ: as much may count as lost before it shows in ε. */
const LOST = 0.01

interface Composed {
  readonly steps: number
  readonly outside: number
}

/** One step on the finest grid that is worth it and fits. Null: what fits is too coarse. */
const onGrid = (
  step: SampledGaussian,
  neighbour: Neighbour,
  { steps, outside }: Composed,
): PrivacyLoss | null => {
  const [lowest, highest] = rangeOf(step)
  const [wanted, enough] = widthsOf(step, steps)
  const least = (highest - lowest) / MOST_OF_A_STEP
  // How far it reaches is nearly the same on a coarse grid, and soon known.
  const coarse = privacyLossOf(step, neighbour, Math.max((highest - lowest) / CELLS_AT_FIRST, least))
  for (
    let width = Math.max(wanted, least, reach(coarse, steps, outside) / MOST_CELLS);
    width <= enough;
    width *= 2
  ) {
    const loss = privacyLossOf(step, neighbour, width)
    if (reach(loss, steps, outside) / width <= MOST_CELLS) return loss
  }
  return null
}

/** From the least to the largest loss. */
const reach = (loss: PrivacyLoss, steps: number, outside: number): number => {
  const [least, most] = reachOf(loss, steps, outside)
  return most - least
}

/**
 * A grid spreads the loss of a step by up to width²/6 more variance, which moves ε by half of it a step, and by how much farther
 * out δ then lies. Wanted is a width at which both are hardly seen; enough is one at which they stay below `NEAR`.
 */
const widthsOf = (step: SampledGaussian, steps: number): readonly [number, number] => {
  const [least, most] = rangeOf(step)
  const spread = Math.sqrt(varianceOf(step))
  const within = (error: number): number =>
    Math.sqrt(Math.min((6 * error) / steps, (6 * error * spread) / (DEVIATIONS * Math.sqrt(steps))))
  const wanted = Math.max(FINEST, (most - least) / CELLS_OF_A_STEP)
  return [Math.min(wanted, within(NEAR / 10), spread / 4), within(NEAR / 2)]
}

/** Standard deviations of the whole loss at which δ lies, when it is as small as anybody asks for. */
const DEVIATIONS = 8

const CELLS_AT_FIRST = 2 ** 10
const CELLS_OF_A_STEP = 50_000
const FINEST = 1e-4
const MOST_OF_A_STEP = 2 ** 19
const MOST_CELLS = 2 ** 22
