import type { Bounded } from '../bound-contributions.ts'

/**
 * Some whole numbers that are counted together. What one person can change follows from how contributions are bounded and is
 * never given by who asks: neighbouring data are the same with and without everything of one person.
 */
export interface Part {
  /** Of all numbers together, one person's coming or going changes at most this (L₁). */
  readonly sensitivity: number
  /** The square of the same, measured by squares (L₂). */
  readonly squaredSensitivity: number
  /** Its share of what the release gives away. */
  readonly weight: number
  count(people: Bounded): readonly bigint[]
}

/** How many people there are; of every release, so that small audiences are not shown. */
export const audiencePart: Part = {
  sensitivity: 1,
  squaredSensitivity: 1,
  weight: 1,
  count: (people) => [BigInt(people.length)],
}

/** One number that a person changes by at most `sensitivity`. */
export const scalarPart = (
  sensitivity: number,
  weight: number,
  count: (people: Bounded) => bigint,
): Part => ({
  sensitivity,
  squaredSensitivity: sensitivity ** 2,
  weight,
  count: (people) => [count(people)],
})
