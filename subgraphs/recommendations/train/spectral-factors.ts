import type { Popularity } from './release-popularity.ts'
import { addTo, dot, spectrum } from './spectrum.ts'

/** The items between which co-occurrence is released: the popular ones, which hold most of the taste and least of the noise. */
export const chosenItems = (
  { share, people }: Popularity,
  noiseMultiplier: number,
): { readonly places: Int32Array; readonly size: number } => {
  const room = (people / (PEOPLE_OF_NOISE * noiseMultiplier)) ** 2
  const size = Math.min(share.length, Math.max(LEAST, Math.round(room)))
  const places = new Int32Array(share.length).fill(-1)
  for (const [place, item] of byPopularity(share).slice(0, size).entries()) places[item] = place
  return { places, size }
}

/** The edge of the noise, 2σ√items, is to stay below a fixed part of the people: beyond it nothing of their taste is seen. */
const PEOPLE_OF_NOISE = 48
const LEAST = 60

const byPopularity = (share: Float64Array): number[] =>
  [...share.keys()].toSorted((a, b) => (share[b] as number) - (share[a] as number) || a - b)

/**
 * Directions of taste in a noisy matrix, as vectors over all items: those of eigenvalues about as large as those of noise alone
 * or larger. Unpopular items, of which the matrix says little but noise, count less (`DAMPING`). The first is popularity.
 */
export const directionsOf = (
  matrix: Float64Array,
  { places, size }: { readonly places: Int32Array; readonly size: number },
  { share, noise }: Popularity,
  noiseMultiplier: number,
): readonly Float64Array[] => {
  const items = Int32Array.from({ length: size }, () => 0)
  for (const [item, place] of places.entries()) if (place >= 0) items[place] = item
  const weights = dampingOf(Float64Array.from(items, (item) => Math.max(share[item] as number, noise)))
  const damped = matrix.map(
    (value, at) => value * (weights[Math.floor(at / size)] as number) * (weights[at % size] as number),
  )
  const { values, vectors } = spectrum(damped, size, MOST_DIRECTIONS + 1)
  const edge = 2 * noiseMultiplier * Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 4, 0))
  return vectors
    .filter((_, at) => at === 0 || (values[at] as number) > CUT * edge)
    .map((vector) => {
      const direction = new Float64Array(places.length)
      for (const [place, item] of items.entries()) direction[item] = vector[place] as number
      return direction
    })
}

const DAMPING = 0.25
const MOST_DIRECTIONS = 12
const CUT = 0.8

/** Of an item: its popularity to a power; one on average. */
const dampingOf = (share: Float64Array): Float64Array => {
  const raw = share.map((value) => value ** DAMPING)
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length
  return raw.map((value) => value / mean)
}

/** Of length one, at right angles to those before (Gram and Schmidt, twice); what is nothing then is left out. */
export const orthonormal = (vectors: readonly Float64Array[]): readonly Float64Array[] => {
  const found: Float64Array[] = []
  for (const vector of vectors) {
    const rest = Float64Array.from(vector)
    for (const known of [...found, ...found]) addTo(rest, known, -dot(rest, known))
    const length = Math.sqrt(dot(rest, rest))
    if (length > 1e-12) found.push(rest.map((value) => value / length))
  }
  return found
}
