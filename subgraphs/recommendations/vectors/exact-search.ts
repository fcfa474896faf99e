import type { Eligible, Found } from './vector-store.ts'

/** The k with the highest inner product, best first and ties by name. All are looked at, so none is missed. */
export function exactSearch(
  candidates: Iterable<{ readonly id: string; readonly vector: Float32Array }>,
  query: Float32Array,
  k: number,
): Found[] {
  const best: Found[] = []
  for (const { id, vector } of candidates) {
    const found = { id, score: innerProduct(vector, query) }
    const last = best.length < k ? undefined : best.at(-1)
    if (last !== undefined && bestFirst(found, last) >= 0) continue
    insert(best, found)
    if (best.length > k) best.pop()
  }
  return best
}

export const bestFirst = (a: Found, b: Found): number => b.score - a.score || compare(a.id, b.id)

export function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number)
  return sum
}

/** Whether an id may be found. */
export function eligibility({ only, except }: Eligible = {}): (id: string) => boolean {
  const allowed = only === undefined ? null : new Set(only)
  const forbidden = new Set(except)
  return (id) => (allowed?.has(id) ?? true) && !forbidden.has(id)
}

function insert(sorted: Found[], found: Found): void {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (bestFirst(sorted[middle] as Found, found) <= 0) low = middle + 1
    else high = middle
  }
  sorted.splice(low, 0, found)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
