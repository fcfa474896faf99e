import type { Heard } from './catch-up.ts'
import type { Currency, RestingRows } from './standing-store.ts'

export interface PurgerOptions {
  readonly currency: Currency
  readonly holders: readonly RestingRows[]
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onPurged?: (purged: Purged) => void
  readonly onTrouble: (cause: unknown) => void
  /** Everything is looked at this often, in milliseconds: what was written while its consent was cut is found so. */
  readonly sweepEveryMs?: number
  /** How long after a purge the files are rewritten at the earliest, in milliseconds. */
  readonly vacuumAfterMs?: number
  /** Runs something later, and answers how that is called off. */
  readonly later?: (ms: number, run: () => void) => () => void
}

/** What one purge has done in one store, for who measures it. */
export interface Purged {
  readonly store: string
  readonly because: 'word' | 'end' | 'sweep'
  readonly rows: number
  /** How long after the service took each word its rows were gone, in milliseconds. */
  readonly waitedMs: readonly number[]
}

interface Pending {
  readonly pids: Set<string>
  readonly wordsAt: number[]
}

/**
 * Deletes what is dead: at once when a word has cut it, when time has, and what slipped through at the next sweep. Nobody waits
 * for it, since what is dead is not read; it is about what is kept (GDPR Art. 5(1)(e), 17(1)(b)).
 */
export class Purger {
  private readonly options: PurgerOptions
  private readonly later: (ms: number, run: () => void) => () => void
  private pending: Pending = { pids: new Set(), wordsAt: [] }
  private last: Promise<void> = Promise.resolve()
  private isStopped = false
  private readonly called = new Map<'sweep' | 'expire' | 'vacuum' | 'again', () => void>()

  constructor(options: PurgerOptions) {
    this.options = options
    this.later = options.later ?? runLater
  }

  /** Begins with everything: nobody knows what was under way when the process before this one ended. */
  start(): void {
    this.call('sweep', FIRST_SWEEP_MS, () => this.sweep())
  }

  /** Something was cut. */
  hear({ cut, wordsAt }: Pick<Heard, 'cut' | 'wordsAt'>): void {
    for (const pid of cut) this.pending.pids.add(pid)
    this.pending.wordsAt.push(...wordsAt)
    if (cut.length > 0) void this.inTurn(() => this.purgePending())
    // A word may have brought an earlier end, too.
    this.call('expire', 0, () => this.expire())
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.last
  }

  async stop(): Promise<void> {
    this.isStopped = true
    for (const callOff of this.called.values()) callOff()
    await this.last
  }

  /** What has run out is cut and purged, and whoever runs out next is waited for. */
  async expire(): Promise<void> {
    await this.inTurn(async () => {
      const { holders, currency, clock } = this.options
      const now = clock()
      // A renewal that was said in time may not have been heard yet.
      if (!currency.isCurrent(now)) return this.call('expire', AGAIN_MS, () => this.expire())
      const over = (await Promise.all(holders.map(({ standings }) => standings.expire(now)))).flat()
      if (over.length > 0) await this.purge('end', { pids: new Set(over), wordsAt: [] })
      const ends = await Promise.all(holders.map(({ standings }) => standings.nextExpiry()))
      const next = Math.min(...ends.map((end) => end ?? Infinity))
      if (Number.isFinite(next))
        this.call('expire', Math.min(Math.max(next - clock(), 1), LONGEST_TIMER_MS), () => this.expire())
    })
  }

  /** Looks at every row. */
  async sweep(): Promise<void> {
    await this.inTurn(async () => {
      const { currency, clock, sweepEveryMs = 60_000 } = this.options
      const isCurrent = currency.isCurrent(clock())
      const since = performance.now()
      if (isCurrent) await this.purge('sweep', null)
      const pauseMs = Math.max(sweepEveryMs, LEAST_PAUSE * (performance.now() - since))
      this.call('sweep', isCurrent ? pauseMs : AGAIN_MS, () => this.sweep())
    })
    await this.expire()
  }

  /** Rewrites the files of everybody who has purged. */
  async vacuum(): Promise<void> {
    await this.inTurn(async () => {
      for (const { rows } of this.options.holders) await rows.vacuum()
    })
  }

  private async purgePending(): Promise<void> {
    const { currency, clock } = this.options
    if (this.pending.pids.size === 0) return
    if (!currency.isCurrent(clock()))
      return this.call('again', AGAIN_MS, () => this.inTurn(() => this.purgePending()))
    const taken = this.pending
    this.pending = { pids: new Set(), wordsAt: [] }
    try {
      await this.purge('word', taken)
    } catch (error) {
      for (const pid of taken.pids) this.pending.pids.add(pid)
      this.pending.wordsAt.push(...taken.wordsAt)
      this.call('again', AGAIN_MS, () => this.inTurn(() => this.purgePending()))
      throw error
    }
  }

  private async purge(because: Purged['because'], pending: Pending | null): Promise<void> {
    const { holders, clock, onPurged, vacuumAfterMs = 10_000 } = this.options
    const pids = pending === null ? undefined : [...pending.pids]
    let isAnything = false
    for (const { name: store, rows: holder } of holders) {
      const rows = await holder.purgeDead(clock(), pids)
      const now = clock()
      const waitedMs = pending?.wordsAt.map((at) => Math.max(0, now - at)) ?? []
      onPurged?.({ store, because, rows, waitedMs })
      isAnything ||= rows > 0
    }
    if (isAnything && !this.called.has('vacuum')) this.call('vacuum', vacuumAfterMs, () => this.vacuum())
  }

  private call(name: 'sweep' | 'expire' | 'vacuum' | 'again', ms: number, run: () => Promise<void>): void {
    this.called.get(name)?.()
    if (this.isStopped) return
    const callOff = this.later(ms, () => {
      this.called.delete(name)
      void run()
    })
    this.called.set(name, callOff)
  }

  /** One after the other; what fails is told and does not keep the next from running. */
  private inTurn(work: () => Promise<void> | void): Promise<void> {
    const run = async (): Promise<void> => {
      if (this.isStopped) return
      try {
        await work()
      } catch (cause) {
        this.options.onTrouble(cause)
      }
    }
    this.last = this.last.then(run)
    return this.last
  }
}

/** However many rows there are, a sweep takes the twentieth part of the time: what a word or time has cut is gone long before. */
const LEAST_PAUSE = 20
const FIRST_SWEEP_MS = 1_000
const AGAIN_MS = 500
/** A timer that is longer than a month runs at once. */
const LONGEST_TIMER_MS = 3_600_000

function runLater(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
