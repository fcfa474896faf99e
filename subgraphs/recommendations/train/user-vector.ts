import type { Model } from './model.ts'

export interface HistoryItem {
  readonly item: string
  /** 1 for an item that somebody took once. */
  readonly weight: number
}

/**
 * What a person is to the model: the sum of the factors of what they took, by √n. Computed from what they agree to now and
 * never kept; items that the model does not know say nothing.
 */
export const userVector = (model: Model, history: readonly HistoryItem[]): Float32Array => {
  const places = placesOf(model)
  const vector = new Float32Array(model.dims)
  let squares = 0
  for (const { item, weight } of history) {
    const place = places.get(item)
    if (place === undefined || !Number.isFinite(weight) || weight <= 0) continue
    squares += weight * weight
    for (let at = 0; at < model.dims; at += 1)
      vector[at] = (vector[at] as number) + weight * (model.factors[place * model.dims + at] as number)
  }
  if (squares > 0)
    for (let at = 0; at < model.dims; at += 1) vector[at] = (vector[at] as number) / Math.sqrt(squares)
  return vector
}

/** Of every item of the model, for such a vector: the dot product, and how well the item does with everybody. */
export const scores = ({ items, dims, factors, bias }: Model, vector: Float32Array): Float32Array => {
  const found = Float32Array.from(bias)
  for (let item = 0; item < items.length; item += 1) {
    let sum = found[item] as number
    for (let at = 0; at < dims; at += 1) sum += (vector[at] as number) * (factors[item * dims + at] as number)
    found[item] = sum
  }
  return found
}

const placesOf = (model: Model): ReadonlyMap<string, number> => {
  const known = PLACES.get(model)
  if (known !== undefined) return known
  const places = new Map(model.items.map((item, place) => [item, place]))
  PLACES.set(model, places)
  return places
}

/** A model is asked for every request and never changes. */
const PLACES = new WeakMap<Model, ReadonlyMap<string, number>>()
