import type { Popularity } from './release-popularity.ts'
import { spectrum } from './spectrum.ts'

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
 * or larger. Unpopular items, of which the matrix says little but noise, count less while directions are looked for (`DAMPING`);
 * that is taken off again from what was found. A direction is as long as it is to be trusted. The first is popularity.
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
  return vectors.flatMap((vector, at) => {
    const value = values[at] as number
    if (at > 0 && !(value > CUT * edge)) return []
    const length = Math.sqrt((1 + alignment(value, edge)) / 2)
    const direction = new Float64Array(places.length)
    for (const [place, item] of items.entries())
      direction[item] = (length * (vector[place] as number)) / (weights[place] as number)
    return [direction]
  })
}

/**
 * How much of a direction that was found in noise lies along the true one: the square of their cosine is 1 − (s/θ)², where the edge
 * of the noise is 2s and θ + s²/θ is what the true eigenvalue θ became (Benaych-Georges and Nadakuditi 2011). The width of the
 * noise is public, so this is, too.
 */
const alignment = (value: number, edge: number): number => {
  if (!(value > edge)) return 0
  const strength = (value + Math.sqrt(value ** 2 - edge ** 2)) / 2
  return 1 - (edge / 2 / strength) ** 2
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
