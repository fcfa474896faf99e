import { randomUUID } from 'node:crypto'
import { AssentError } from '../errors.ts'
import { type ConsentProtocol, isBefore, type Renewed } from './consent-protocol.ts'
import { type Instant, Lease, now } from './lease.ts'

export interface LeaseKeeperOptions {
  readonly protocol: Pick<ConsentProtocol, 'renew' | 'release'>
  /** Told of everything that has changed before it is acknowledged; null: forget whatever is known. */
  readonly apply: (renewed: Renewed) => void
  /** How long one renewal may wait for news, in milliseconds. */
  readonly waitMs: number
  readonly onTrouble: (cause: unknown) => void
  readonly instant?: () => Instant
  /** Resolves after so many milliseconds. */
  readonly pause?: (ms: number) => Promise<void>
}

/**
 * Renews the lease for as long as it is kept. One call does everything: it acknowledges what was applied, brings what has
 * changed since, and begins the next term. Until a change is applied here it is not acknowledged, and until it is
 * acknowledged, or the lease has run out, nobody is told that it is in force.
 */
export class LeaseKeeper {
  readonly lease: Lease
  /** A gateway that comes back is somebody else: it knows nothing. */
  private readonly holder = randomUUID()
  private readonly options: LeaseKeeperOptions
  private readonly instant: () => Instant
  private after: string | null = null
  /** The newest revision that was ever heard of: nobody who knows less is believed. */
  private floor = '0'
  private isKept = true
  private failures = 0
  private readonly waiting = new Set<() => void>()

  constructor(options: LeaseKeeperOptions) {
    this.options = options
    this.instant = options.instant ?? now
    this.lease = new Lease(this.instant)
  }

  /** The newest revision that is known of. */
  get revision(): string {
    return this.after ?? this.floor
  }

  start(): void {
    void this.keep()
  }

  /** Resolves when this holds, which is looked at after each renewal; rejects when it does not in time. */
  async until(holds: () => boolean, ms: number): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (holds()) end(resolve)
      }
      const end = (then: () => void): void => {
        clearTimeout(timer)
        this.waiting.delete(look)
        then()
      }
      const late = () => reject(new AssentError('CONSENT_UNAVAILABLE', 'consent, the lease'))
      const timer = setTimeout(() => end(holds() ? resolve : late), ms)
      this.waiting.add(look)
    })
  }

  reach(revision: string, ms: number): Promise<void> {
    return this.until(() => this.lease.holds() && !isBefore(this.revision, revision), ms)
  }

  /** Gives the lease up, so that nobody has to wait until it has run out. */
  async stop(): Promise<void> {
    this.isKept = false
    this.lease.end()
    await this.options.protocol.release(this.holder).catch(() => undefined)
  }

  private async keep(): Promise<void> {
    while (this.isKept) {
      try {
        const { isNews, ms } = await this.renew()
        this.failures = 0
        // A service that does not wait for news is not asked as fast as it answers, whatever it answers.
        if (!isNews && ms < LEAST_WAIT_MS) await this.pause(LEAST_WAIT_MS)
      } catch (cause) {
        if (this.isKept) await this.recover(cause)
      }
    }
  }

  private async renew(): Promise<{ readonly isNews: boolean; readonly ms: number }> {
    const { protocol, apply, waitMs } = this.options
    const askedAt = this.instant()
    const renewed = await protocol.renew({
      holder: this.holder,
      after: this.after,
      acknowledged: this.after ?? '0',
      // Who has lost the lease does not wait for news to get it back.
      waitMs: this.lease.holds() ? waitMs : 0,
    })
    const isNews = this.after === null || isBefore(this.after, renewed.revision)
    const told = { isNews, ms: this.instant().monotonic - askedAt.monotonic }
    if (!this.isKept) return told
    if (isBefore(renewed.revision, this.revision)) throw this.fallBack()
    // Nothing happens between what is applied, what is known, and what may be relied upon.
    apply(renewed)
    this.after = this.floor = renewed.revision
    this.lease.renew(askedAt, renewed.leaseMs, renewed.now)
    for (const look of this.waiting) look()
    return told
  }

  /**
   * Somebody who lags behind knows nothing of what was withdrawn since; and a store that was set back will give the same
   * numbers again, to other changes. So whatever is known is forgotten, and believed is who knows as much as there ever was.
   */
  private fallBack(): AssentError {
    this.lease.end()
    this.after = null
    this.options.apply({ revision: NOBODY_KNOWS, leaseMs: 0, changes: null })
    return new AssentError('CONSENT_UNAVAILABLE', 'consent, a replica that lags')
  }

  private async recover(cause: unknown): Promise<void> {
    this.failures += 1
    if (this.failures === 1) this.options.onTrouble(cause)
    await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 8), LONGEST_PAUSE_MS))
  }

  private pause(ms: number): Promise<void> {
    const { pause = pauseFor } = this.options
    return pause(ms)
  }
}

/** Above every revision: what is being answered at this moment is not used either. */
const NOBODY_KNOWS = '9'.repeat(19)

const LEAST_WAIT_MS = 20
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 250

const pauseFor = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
