import { gaussianLaw, laplaceLaw, type NoiseLaw } from './audit/noise-law.ts'
import { discreteGaussian } from './noise/discrete-gaussian.ts'
import { discreteLaplace, type NoiseSampler } from './noise/discrete-laplace.ts'
import type { Rational } from './noise/rational.ts'

/** Noise by its name: what draws it, and what it is held against. */
export interface Mechanism {
  readonly sampler: (scale: Rational) => NoiseSampler
  readonly law: (scale: number) => NoiseLaw
  /** What its scale is. */
  readonly scale: string
}

export type MechanismName = 'discrete-gaussian' | 'discrete-laplace'

export const MECHANISMS: Readonly<Record<MechanismName, Mechanism>> = {
  'discrete-gaussian': { sampler: discreteGaussian, law: gaussianLaw, scale: 'σ: sensitivity / √(2ρ)' },
  'discrete-laplace': { sampler: discreteLaplace, law: laplaceLaw, scale: 'sensitivity / ε' },
}
