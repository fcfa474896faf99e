import type { PrivateRelease } from './model.ts'

/** A sum over everybody, each of a length of one at most, released a single time. */
export const releasedOnce = (name: string, noiseMultiplier: number): PrivateRelease => ({
  name,
  clip: 1,
  noiseMultiplier,
  samplingRate: 1,
  steps: 1,
})
