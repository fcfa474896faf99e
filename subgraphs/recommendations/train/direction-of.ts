import type { Model } from './model.ts'
import { userVector } from './user-vector.ts'

/**
 * Which way somebody leans who took these, of length one: noise is drawn for vectors of that length. Nothing of how popular things are
 * is in it, for which the vectors of items have one coordinate more. Null where the model knows none of them.
 */
export function directionOf(model: Model, items: readonly string[]): Float32Array | null {
  const known = [...new Set(items)].map((item) => ({ item, weight: 1 }))
  const sum = userVector(model, known)
  const length = Math.hypot(...sum)
  return length === 0 ? null : Float32Array.of(...sum.map((value) => value / length), 0)
}
