import type { LeaseTerm } from '../ports.ts'

/** Two clocks of one machine: one never steps but may stand still while the machine sleeps, the other is the other way round. */
export interface Instant {
  readonly monotonic: number
  readonly wall: number
}

export const now = (): Instant => ({ monotonic: performance.now(), wall: Date.now() })

/**
 * The right to rely on what is known of consent without asking. It counts from the moment before it was asked for, so it
 * has run out here before the service takes it for run out. It is looked at when it is needed and never by a timer: a process
 * that stood still finds it run out (faults of stalled and paused gateways).
 */
export class Lease {
  private from: Instant | null = null
  private ms = 0
  private until = 0
  private readonly instant: () => Instant

  constructor(instant: () => Instant = now) {
    this.instant = instant
  }

  holds(): boolean {
    const { from, ms } = this
    if (from === null) return false
    const { monotonic, wall } = this.instant()
    const elapsed = wall - from.wall
    // A clock that was set back proves nothing about how long ago the renewal was.
    return monotonic - from.monotonic < ms && elapsed < ms && elapsed >= -BACKWARD_MS
  }

  /** What is left of it, for those who work on what was decided by it; null where there is none. */
  term(): LeaseTerm | null {
    const { from, ms, until } = this
    return from === null ? null : { until, leftMs: from.monotonic + ms - this.instant().monotonic }
  }

  /**
   * A renewal that was asked for earlier than the one there is changes nothing. `told` is the time by the clock of the service,
   * read before it began to count; without it ours stands for it.
   */
  renew(askedAt: Instant, ms: number, told: number = askedAt.wall): void {
    if (this.from !== null && askedAt.monotonic < this.from.monotonic) return
    this.from = askedAt
    this.ms = ms
    this.until = told + ms
  }

  end(): void {
    this.from = null
  }
}

/** Clocks are steered by this much without having been set. */
const BACKWARD_MS = 5
