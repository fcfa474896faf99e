const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * A window is kept in buckets. Its end is now, to the millisecond; its beginning moves from bucket to bucket, and never
 * reaches further back than was agreed to. (Sawtooth windows, as Chronon has them, but cut on the side of less.)
 */
export function bucketLength(windowMs: number): number {
  if (windowMs >= 90 * DAY) return DAY
  return windowMs > DAY ? HOUR : 5 * MINUTE
}

/** Each bucket begins behind a full hour, say, and ends with the next one: what happened then belongs to the elder. */
export const bucketOf = (at: number, length: number): number => Math.ceil(at / length)

/** The first bucket that lies in the window as a whole. */
export const firstBucket = (now: number, windowMs: number): number =>
  Math.ceil((now - windowMs) / bucketLength(windowMs)) + 1

/** The first moment at which a bucket is not in the window any more. */
export const leavesAt = (bucket: number, windowMs: number): number =>
  (bucket - 1) * bucketLength(windowMs) + windowMs + 1
