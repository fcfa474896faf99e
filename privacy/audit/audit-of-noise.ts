import type { NoiseSampler } from '../noise/discrete-laplace.ts'
import type { RandomWords } from '../noise/random-words.ts'
import { type Finding, fitOfNoise, REFUTED_BELOW } from './fit-of-noise.ts'
import type { NoiseLaw } from './noise-law.ts'
import { WRONG_MECHANISMS } from './wrong-mechanisms.ts'

export interface NoiseAudit {
  readonly findings: readonly Finding[]
  readonly isRefuted: boolean
  readonly planted: readonly PlantedFinding[]
  /** Whether every mistake that was made on purpose was found: else that nothing was found says little. */
  readonly isSharp: boolean
}

interface PlantedFinding {
  readonly name: string
  readonly mistake: string
  readonly isFound: boolean
  /** What found it first. */
  readonly by: Finding['test'] | null
}

export interface NoiseAuditOptions {
  readonly sampler: NoiseSampler
  readonly law: NoiseLaw
  readonly draws: number
  readonly words: RandomWords
  readonly progress: (done: number, of: number) => void
}

/** Draws from a mechanism and looks for what it should not be; then from mechanisms with a mistake in them, which it has to find. */
export const auditOfNoise = ({ sampler, law, draws, words, progress }: NoiseAuditOptions): NoiseAudit => {
  const of = WRONG_MECHANISMS.length + 1
  const findings = fitOfNoise(drawn(sampler, draws, words), law)
  progress(1, of)
  const planted = WRONG_MECHANISMS.map(({ name, mistake, of: wrong }, index) => {
    const found = fitOfNoise(drawn(wrong(sampler, law), draws, words), law).find(isRefuting)
    progress(index + 2, of)
    return { name, mistake, isFound: found !== undefined, by: found?.test ?? null }
  })
  return {
    findings,
    isRefuted: findings.some(isRefuting),
    planted,
    isSharp: planted.every(({ isFound }) => isFound),
  }
}

export const isRefuting = ({ p }: Finding): boolean => !(p >= REFUTED_BELOW)

const drawn = (sampler: NoiseSampler, draws: number, words: RandomWords): Float64Array => {
  const values = new Float64Array(draws)
  for (let at = 0; at < draws; at += 1) values[at] = sampler(words)
  return values
}
