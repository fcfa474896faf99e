import { Refusal } from './refusal.ts'

/** How many people are remembered; beyond it those who asked longest ago start anew. */
const MOST_PEOPLE = 50_000

/**
 * Lets each key make so many requests a minute, a burst of as many at most, and refuses the others (`TOO_MANY_REQUESTS`).
 * Counted in this process: with several replicas each counts for itself.
 */
export function createRateLimit(perMinute: number, clock: () => number): (key: string) => void {
  const buckets = new Map<string, { left: number; at: number }>()
  const perMs = perMinute / 60_000
  return (key) => {
    const now = clock()
    const bucket = buckets.get(key) ?? { left: perMinute, at: now }
    // A clock that went back gives nothing and takes nothing.
    const left = Math.min(perMinute, bucket.left + Math.max(0, now - bucket.at) * perMs)
    buckets.delete(key)
    buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
    const [oldest] = buckets.keys()
    if (buckets.size > MOST_PEOPLE && oldest !== undefined) buckets.delete(oldest)
    if (left < 1)
      throw new Refusal('TOO_MANY_REQUESTS', undefined, Math.max(1, Math.ceil((1 - left) / perMs / 1000)))
  }
}
