import { codedError } from '../../coded-error.ts'
import type { Interactions } from './interactions.ts'

export interface Taken {
  readonly item: string
  /** When; only the order counts. */
  readonly at: number
}

/**
 * What each person took, of the public list of items; somebody’s item counts once, by the first time. Who took nothing of the list is
 * nobody. Throws where there is too little to learn from.
 */
export const basketsOf = (taken: readonly (readonly Taken[])[], items: readonly string[]): Interactions => {
  const places = new Map(items.map((item, place) => [item, place]))
  const baskets = taken.map((own) => basketOf(own, places)).filter(({ length }) => length > 0)
  if (items.length < LEAST_ITEMS || baskets.length < LEAST_PEOPLE) throw codedError('INTERACTIONS_TOO_FEW')
  return { items, baskets }
}

const LEAST_ITEMS = 2
const LEAST_PEOPLE = 10

/** Oldest first, and what is of the same time as it was given. */
const basketOf = (own: readonly Taken[], places: ReadonlyMap<string, number>): Int32Array =>
  Int32Array.from(new Set(own.toSorted((a, b) => a.at - b.at).flatMap(({ item }) => places.get(item) ?? [])))
