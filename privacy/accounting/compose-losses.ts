import { transform } from './fourier.ts'
import type { PrivacyLoss } from './privacy-loss.ts'

/** The loss of so many steps one after the other; what falls outside of the grid, or may have, counts as lost. */
export const composeLosses = (loss: PrivacyLoss, steps: number, outside: number): PrivacyLoss => {
  const { width } = loss
  const [least, most] = reachOf(loss, steps, outside)
  const from = Math.floor(least / width)
  const size = 2 ** Math.max(4, Math.ceil(Math.log2(most / width - from + 2)))
  const [re, im] = [new Float64Array(size), new Float64Array(size)]
  for (let at = 0; at < loss.masses.length; at += 1) {
    const place = modulo(loss.from + at, size)
    re[place] = (re[place] as number) + (loss.masses[at] as number)
  }
  transform(re, im)
  raise(re, im, steps)
  transform(re, im, true)
  const masses = new Float64Array(size)
  // A sum that is rounded below nothing is nothing.
  for (let at = 0; at < size; at += 1)
    masses[at] = Math.max(0, (re[modulo(from + at, size)] as number) / size)
  const rounding = ROUNDING * steps
  return {
    width,
    from,
    masses,
    infinite: -Math.expm1(steps * Math.log1p(-loss.infinite)) + 2 * outside + rounding,
  }
}

/** What floating point may lose of the whole in one step. */
const ROUNDING = 1e-16

const modulo = (index: number, size: number): number => ((index % size) + size) % size

const raise = (re: Float64Array, im: Float64Array, power: number): void => {
  for (let at = 0; at < re.length; at += 1) {
    const [x, y] = [re[at] as number, im[at] as number]
    const size = Math.hypot(x, y) ** power
    const angle = Math.atan2(y, x) * power
    re[at] = size * Math.cos(angle)
    im[at] = size * Math.sin(angle)
  }
}

/** Between which losses the sum is but for the probability `outside` on each side (Chernoff's bound, by the best of some tilts). */
export const reachOf = (loss: PrivacyLoss, steps: number, outside: number): readonly [number, number] => {
  const margin = -Math.log(outside)
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let tilt = 2 ** -10; tilt <= 2 ** 12; tilt *= 2) {
    most = Math.min(most, (steps * logMomentOf(loss, tilt) + margin) / tilt)
    least = Math.max(least, -(steps * logMomentOf(loss, -tilt) + margin) / tilt)
  }
  return [least, most]
}

/** log E[exp(tilt · loss)] */
const logMomentOf = ({ masses, from, width }: PrivacyLoss, tilt: number): number => {
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < masses.length; at += 1)
    if ((masses[at] as number) > 0) most = Math.max(most, tilt * (from + at) * width)
  let sum = 0
  // Where there is no mass the exponent may be beyond all numbers.
  for (let at = 0; at < masses.length; at += 1)
    if ((masses[at] as number) > 0)
      sum += (masses[at] as number) * Math.exp(tilt * (from + at) * width - most)
  return most + Math.log(sum)
}
