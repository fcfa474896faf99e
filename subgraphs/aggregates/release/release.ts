import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import type { Bounded } from '../bound-contributions.ts'
import type { Noise, Spending } from './noise.ts'
import type { Part } from './part.ts'

/** Something that can be asked: what is counted for it, and what is shown of the noisy numbers. The first part is the audience. */
export interface Kind<Shown> {
  readonly parts: readonly Part[]
  shown(noisy: readonly Noisy[]): Shown
}

/** The numbers of one part as they may be known, and the noise that is in each of them. */
export interface Noisy {
  readonly values: readonly number[]
  readonly noise: Noise
}

/** A number, and where the one without noise is, with a probability of at least `CONFIDENCE`. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export const CONFIDENCE = 0.95

/** Noisy numbers as they are kept: whole, part by part. Everything that is ever shown of a release is made from them. */
export const drawRelease = (
  parts: readonly Part[],
  people: Bounded,
  { spending, words }: { readonly spending: Spending; readonly words: RandomWords },
): string => {
  const of = weightOf(parts)
  return JSON.stringify(
    parts.map((part) => {
      const { sampler } = spending.noiseFor(part, of)
      return part.count(people).map((exact) => String(exact + BigInt(sampler(words))))
    }),
  )
}

export const readRelease = (parts: readonly Part[], kept: string, spending: Spending): readonly Noisy[] => {
  const of = weightOf(parts)
  const numbers = JSON.parse(kept) as readonly (readonly string[])[]
  return parts.map((part, index) => ({
    values: (numbers[index] ?? []).map(Number),
    noise: spending.noiseFor(part, of),
  }))
}

const weightOf = (parts: readonly Part[]): number => parts.reduce((sum, { weight }) => sum + weight, 0)

export const within = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value))
