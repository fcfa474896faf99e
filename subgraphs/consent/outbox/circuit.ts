import { pauseBehind, type RetryTerms } from '../../delivery/retry.ts'
import type { Outcome } from '../../delivery/sender.ts'

/** So many failures in a row, whosever they are, say that it is the consumer that is down. */
const FAILURES = 5

export interface Circuit {
  /** How many may be sent at once now: all, one to find out, or none. */
  room(now: number, concurrency: number): number
  /** When something may be sent again. */
  closedUntil(): number
  tell(outcomes: readonly Outcome[], now: number): void
}

/** Spares a consumer that is down: while it is, one delivery at a time finds out, and the others keep their attempts. */
export function createCircuit(terms: RetryTerms, random: () => number): Circuit {
  let failures = 0
  let openings = 0
  let until = 0
  return {
    room: (now, concurrency) => (now < until ? 0 : failures >= FAILURES ? 1 : concurrency),
    closedUntil: () => until,
    tell(outcomes, now) {
      for (const outcome of outcomes) failures = outcome.isTaken ? 0 : failures + 1
      openings = failures >= FAILURES ? openings + 1 : 0
      if (openings > 0) until = now + pauseBehind(openings, terms, random)
      for (const outcome of outcomes)
        if (!outcome.isTaken && outcome.retryAfterMs !== undefined)
          until = Math.max(until, now + Math.min(outcome.retryAfterMs, terms.longestMs))
    },
  }
}
