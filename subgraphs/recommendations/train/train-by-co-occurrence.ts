import type { Popularity } from './release-popularity.ts'
import { releaseCoOccurrence } from './release-co-occurrence.ts'
import { releasedOnce } from './released-once.ts'
import { noiseFor, rhoWithin } from './rho-within.ts'
import { chosenItems, directionsOf } from './spectral-factors.ts'
import { type Learned, SHARES, type TrainingRun } from './training-run.ts'

/** One noisy release of what is taken together, and the directions in it. */
export const trainByCoOccurrence = (run: TrainingRun, popularity: Popularity): Learned => {
  const { interactions, epsilon, delta, words, progress } = run
  const noiseMultiplier = noiseFor(rhoWithin(epsilon, delta) * SHARES.model)
  progress(1, STEPS, 'co-occurrence')
  const chosen = chosenItems(popularity, noiseMultiplier)
  const matrix = releaseCoOccurrence(interactions.baskets, chosen, noiseMultiplier, words)
  progress(2, STEPS, 'spectrum')
  const directions = directionsOf(matrix, chosen, popularity, noiseMultiplier)
  const dims = directions.length
  const vectors = new Float64Array(interactions.items.length * dims)
  for (const [at, direction] of directions.entries())
    for (const [item, value] of direction.entries()) vectors[item * dims + at] = value
  return {
    factors: { dims, vectors, bias: popularity.share.map((share) => share * OF_POPULARITY) },
    release: releasedOnce('co-occurrence', noiseMultiplier),
  }
}

const STEPS = 3

/** How much popularity counts beside taste, whose directions are about as long as one. */
const OF_POPULARITY = 0.15
