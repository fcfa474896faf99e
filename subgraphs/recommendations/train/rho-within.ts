import { epsilonOfRho } from '../../../privacy/accounting/concentrated.ts'

/** The largest ρ that proves this ε. */
export const rhoWithin = (epsilon: number, delta: number): number => {
  let [least, most] = [0, epsilon + 1]
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (least + most) / 2
    if (epsilonOfRho(middle, delta) <= epsilon) least = middle
    else most = middle
  }
  return least * (1 - ROUNDING)
}

const ROUNDS = 60
/** Parts of it may add up to a little more than the whole. */
const ROUNDING = 1e-9

/** Noise, in clips, of one release that may cost so much. */
export const noiseFor = (rho: number): number => Math.sqrt(1 / (2 * rho))
