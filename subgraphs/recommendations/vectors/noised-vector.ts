import { discreteGaussian } from '../../../privacy/noise/discrete-gaussian.ts'
import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { type Rational, rational, readRational, toNumber } from '../../../privacy/noise/rational.ts'

export interface NoiseTerms {
  /** Of each coordinate, as it is written: `0.3`. */
  readonly sigma: string
  /** No vector is longer before its noise is drawn. */
  readonly clip: number
}

/** Draws noise for one vector after another. */
export type NoiseVector = (vector: Float32Array) => Float32Array

/** Every number below 256 of this grid is one of 32 bits exactly: what noise hides is not shown by how it was rounded. */
const GRID = 65_536n

/**
 * Clipped, put on a grid and given a discrete Gaussian for each coordinate: exact noise, drawn by rejection from the system's own
 * generator. Floating-point noise can be told from its digits (Mironov 2012).
 */
export function noising({ sigma, clip }: NoiseTerms, words: RandomWords): NoiseVector {
  const draw = discreteGaussian(onGrid(sigma))
  const grid = Number(GRID)
  return (vector) => {
    const clipped = clippedTo(vector, clip)
    return clipped.map((value) => (Math.round(value * grid) + draw(words)) / grid)
  }
}

/** Null for what is no number above 0, or one that the grid does not hold. */
export function sigmaOf(text: string): number | null {
  const read = readRational(text)
  if (read === null || read.n === 0n) return null
  const sigma = toNumber(read)
  return sigma >= LEAST_SIGMA && sigma <= MOST_SIGMA ? sigma : null
}

const LEAST_SIGMA = 0.000_1
const MOST_SIGMA = 10

export function clippedTo(vector: Float32Array, clip: number): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length <= clip ? vector : vector.map((value) => (value * clip) / length)
}

/**
 * With which ε two vectors that lie this far apart can be told from one another, at this δ: ρ = Δ²/2σ², and the usual bound from
 * ρ to ε (Bun and Steinke 2016). Of people, any two lie up to twice the clip apart.
 */
export function epsilonOfDistance(sigma: number, distance: number, delta: number): number {
  const rho = distance ** 2 / (2 * sigma ** 2)
  return rho + 2 * Math.sqrt(rho * Math.log(1 / delta))
}

function onGrid(sigma: string): Rational {
  const read = sigmaOf(sigma) === null ? null : readRational(sigma)
  if (read === null) throw new RangeError('σ is a number from 0.0001 to 10.')
  return rational(read.n * GRID, read.d)
}
