import { randomUUID } from 'node:crypto'
import { catchUp, type CatchingUp, type HeardUpTo, lookAtOnce } from './catch-up.ts'
import type { ConsentView, Renewed } from './consent-view.ts'
import { type Instant, instantNow, Lease } from './lease.ts'
import type { Revision } from './standing.ts'
import type { Currency } from './standing-store.ts'

export interface FollowerOptions extends CatchingUp {
  readonly view: ConsentView
  /** Told of the first of several failures in a row. */
  readonly onTrouble: (cause: unknown) => void
  /** How long one renewal may wait for news, in milliseconds. */
  readonly waitMs?: number
  readonly instant?: () => Instant
  /** Resolves after so many milliseconds, and at once when it is over. */
  readonly pause?: (ms: number, isOver: AbortSignal) => Promise<void>
}

/**
 * Follows consent for those who keep rows that rest on it. It holds a lease as a gateway does: what has changed is written beside the
 * rows first and acknowledged then, so that a withdrawal which is said to be in force is in force in them, too. Without a lease
 * nothing that was heard may be relied upon.
 */
export class Follower implements Currency {
  private readonly options: FollowerOptions
  private readonly lease: Lease
  private readonly instant: () => Instant
  /** One that comes back is somebody else. */
  private readonly holder = randomUUID()
  private readonly over = new AbortController()
  private readonly waiting = new Set<() => void>()
  private running: Promise<void> | null = null
  private heard: HeardUpTo | null = null
  private turns = 0
  private failures = 0

  constructor(options: FollowerOptions) {
    const { onHeard, instant = instantNow } = options
    this.instant = instant
    this.lease = new Lease(instant)
    this.options = {
      ...options,
      onHeard: (heard) => {
        this.turns += 1
        onHeard?.(heard)
      },
    }
  }

  start(): void {
    this.running ??= this.keep()
  }

  isCurrent(): boolean {
    return this.lease.holds()
  }

  turn(): number {
    return this.turns
  }

  /** Resolves when everything up to a revision was heard, and may be relied upon; or when it is stopped. */
  async untilHeard(revision: Revision = '0'): Promise<void> {
    const isHeard = (): boolean => this.isCurrent() && BigInt(this.heard?.mark ?? '0') >= BigInt(revision)
    if (isHeard()) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isHeard() && !this.over.signal.aborted) return
        this.waiting.delete(look)
        resolve()
      }
      this.waiting.add(look)
    })
  }

  /** Asks about these people now: nobody may have spoken of them yet, or the last word was not heard. */
  ensure(pids: readonly string[]): Promise<void> {
    return lookAtOnce([...new Set(pids)], this.options)
  }

  /** Gives the lease up, so that nobody has to wait until it has run out. */
  async stop(): Promise<void> {
    this.over.abort()
    this.lease.end()
    for (const look of this.waiting) look()
    await this.running
    await this.options.view.release(this.holder).catch(() => undefined)
  }

  private async keep(): Promise<void> {
    while (!this.over.signal.aborted)
      try {
        const askedAt = this.instant()
        const isNews = await this.round(askedAt)
        this.failures = 0
        for (const look of this.waiting) look()
        // A service that does not wait for news is not asked as fast as it answers.
        if (!isNews && this.instant().monotonic - askedAt.monotonic < LEAST_WAIT_MS)
          await this.pause(LEAST_WAIT_MS)
      } catch (cause) {
        await this.recover(cause)
      }
  }

  /** Says whether there was anything to hear. */
  private async round(askedAt: Instant): Promise<boolean> {
    const known = this.heard ?? (await catchUp(this.options))
    this.heard = known
    const renewed = await this.renew(known)
    if (this.over.signal.aborted) return false
    const { revision, policy } = renewed
    const isNews = renewed.hasChanged || BigInt(revision) > BigInt(known.mark) || policy !== known.policy
    if (isNews) this.heard = await catchUp(this.options, policy === known.policy ? known : undefined)
    // What the service has said is written down here, or nothing of it may be relied upon.
    const isHeard = BigInt(this.heard.mark) >= BigInt(revision) && this.heard.policy === policy
    if (isHeard) this.lease.renew(askedAt, renewed.leaseMs)
    return isNews
  }

  private renew({ mark }: HeardUpTo): Promise<Renewed> {
    const { view, waitMs = 300 } = this.options
    return view.renew(
      // Who has lost the lease does not wait for news to get it back.
      { holder: this.holder, after: mark, acknowledged: mark, waitMs: this.lease.holds() ? waitMs : 0 },
      this.over.signal,
    )
  }

  private async recover(cause: unknown): Promise<void> {
    if (this.over.signal.aborted) return
    // What is written down is read again: whoever failed may have written it.
    this.heard = null
    this.failures += 1
    if (this.failures === 1) this.options.onTrouble(cause)
    await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 8), LONGEST_PAUSE_MS))
  }

  private pause(ms: number): Promise<void> {
    const { pause = pauseFor } = this.options
    return pause(ms, this.over.signal)
  }
}

const LEAST_WAIT_MS = 20
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 500

const pauseFor = (ms: number, isOver: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      isOver.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    isOver.addEventListener('abort', done, { once: true })
    if (isOver.aborted) done()
  })
