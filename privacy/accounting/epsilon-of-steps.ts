import { composeLosses, reachOf } from './compose-losses.ts'
import { epsilonOfLosses } from './epsilon-of-losses.ts'
import { type Neighbour, privacyLossOf, rangeOf } from './privacy-loss.ts'
import type { SampledGaussian } from './sampled-gaussian.ts'

/**
 * ε of so many steps by their privacy-loss distribution: the tightest that is known, computed so that it is never too small.
 * Both neighbours are looked at, since only together they bound what anybody can learn.
 */
export const epsilonOfSteps = (step: SampledGaussian, steps: number, delta: number): number => {
  if (step.samplingRate === 0 || steps === 0) return 0
  return Math.max(...NEIGHBOURS.map((neighbour) => epsilonOf(step, steps, { delta, neighbour })))
}

const NEIGHBOURS: readonly Neighbour[] = ['remove', 'add']

const epsilonOf = (
  step: SampledGaussian,
  steps: number,
  { delta, neighbour }: { readonly delta: number; readonly neighbour: Neighbour },
): number => {
  const outside = delta * OUTSIDE
  for (let width = widthOf(step); ; width *= 2) {
    const loss = privacyLossOf(step, neighbour, width)
    const [least, most] = reachOf(loss, steps, outside)
    if ((most - least) / width <= MOST_CELLS)
      return epsilonOfLosses(composeLosses(loss, steps, outside), delta)
  }
}

/** What it adds to ε grows with its square, so it need not be finer than a single step's losses are spread. */
const widthOf = (step: SampledGaussian): number => {
  const [least, most] = rangeOf(step)
  return Math.max(FINEST, (most - least) / CELLS_OF_A_STEP)
}

const CELLS_OF_A_STEP = 50_000

/** Of δ: what may be cut off on each side, and is counted as lost. */
const OUTSIDE = 1e-7

const FINEST = 1e-4
const MOST_CELLS = 2 ** 21
