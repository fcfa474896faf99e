/** Two clocks of one machine: one never steps but may stand still while the machine sleeps, the other is the other way round. */
export interface Instant {
  readonly monotonic: number
  readonly wall: number
}

export const instantNow = (): Instant => ({ monotonic: performance.now(), wall: Date.now() })

/**
 * How long what was heard may be relied upon: from the moment before it was asked for. Looked at when it is needed and never by
 * a timer, so that a process which stood still finds it over.
 */
export class Lease {
  private from: Instant | null = null
  private ms = 0
  private readonly instant: () => Instant

  constructor(instant: () => Instant) {
    this.instant = instant
  }

  holds(): boolean {
    const { from, ms } = this
    if (from === null) return false
    const { monotonic, wall } = this.instant()
    const elapsed = wall - from.wall
    // A clock that was set back proves nothing about how long ago that was.
    return monotonic - from.monotonic < ms && elapsed < ms && elapsed >= -BACKWARD_MS
  }

  renew(askedAt: Instant, ms: number): void {
    this.from = askedAt
    this.ms = ms
  }

  end(): void {
    this.from = null
  }
}

/** Clocks are steered by this much without having been set. */
const BACKWARD_MS = 5
