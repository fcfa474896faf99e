import type { Log } from '../../log.ts'
import type { Change, ConsentStore, Revision } from '../store.ts'
import { idempotencyKey, toConsentEvent } from './consent-event.ts'
import { concerns, type ConsumerTerms } from './consumer.ts'
import { type Delivery, type Lease, LeaseLost, type OutboxStore, type Settlement } from './outbox-store.ts'
import { pauseBehind, type RetryTerms } from '../../delivery/retry.ts'
import { type Circuit, createCircuit } from './circuit.ts'
import type { Outcome, Sender } from '../../delivery/sender.ts'
import { type Entry, Window } from './window.ts'

/** Ends early when the signal is aborted. A port, so that tests own the time. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export interface DelivererOptions {
  readonly terms: ConsumerTerms
  readonly sender: Sender
  readonly store: Pick<ConsentStore, 'changesAfter' | 'onWrite'>
  readonly outbox: OutboxStore
  /** Who this is, among all replicas. */
  readonly holder: string
  readonly retry: RetryTerms
  /** Deliveries under way at once. */
  readonly concurrency: number
  readonly leaseMs: number
  /** How often others' writes are looked for. */
  readonly pollMs: number
  readonly clock: () => number
  readonly random: () => number
  readonly pause: Pause
  readonly log: Log
}

export interface Deliverer {
  /** Looks at once: something was redelivered or resumed. */
  wake(): void
  /** Lets what is under way end, and the next deliverer in. */
  stop(): Promise<void>
}

/** Unsettled changes held at once; the log keeps the others. */
const WINDOW = 1_000
const PAGE = 500

/**
 * Brings the changes of the log to one consumer, each at least once and in order for each person, for as long as no other
 * replica does. What was sent and what came of it is recorded before and after: whoever takes over goes on from there.
 */
export function startDeliverer(options: DelivererOptions): Deliverer {
  const stopping = new AbortController()
  const bell = createBell(stopping.signal)
  const forget = options.store.onWrite(() => bell.ring())
  const run = new Run(options, bell)
  const ended = run.untilStopped(stopping.signal).finally(forget)
  return {
    wake: () => bell.ring(),
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

interface Bell {
  ring(): void
  /** Aborted by the next ring. Taken before one looks, so that a ring while one looks is heard. */
  next(): AbortSignal
}

function createBell(stopping: AbortSignal): Bell {
  let round = new AbortController()
  stopping.addEventListener('abort', () => round.abort(), { once: true })
  return {
    ring: () => round.abort(),
    next() {
      if (round.signal.aborted && !stopping.aborted) round = new AbortController()
      return round.signal
    },
  }
}

class Run {
  readonly #options: DelivererOptions
  readonly #bell: Bell
  readonly #lease: Lease
  readonly #circuit: Circuit
  #recorded: Revision | null = null
  #keptAt = 0

  constructor(options: DelivererOptions, bell: Bell) {
    const { terms, holder, leaseMs, retry, random } = options
    this.#options = options
    this.#bell = bell
    this.#lease = { consumer: terms.name, holder, ms: leaseMs }
    this.#circuit = createCircuit(retry, random)
  }

  async untilStopped(stopping: AbortSignal): Promise<void> {
    const { outbox, pause, pollMs, log, terms } = this.#options
    while (!stopping.aborted) {
      const rung = this.#bell.next()
      try {
        if (await outbox.take(this.#lease)) await this.#whileHeld(stopping)
      } catch (error) {
        // The store is away, or another replica delivers: both are found out by asking again.
        if (!(error instanceof LeaseLost))
          log({ consumer: terms.name, error: (error as Error).name }, 'Deliveries wait for the store.')
      }
      await pause(pollMs, rung)
    }
    await outbox.release(this.#lease).catch(() => {})
  }

  async #whileHeld(stopping: AbortSignal): Promise<void> {
    const consumer = await this.#consumer()
    if (consumer?.status !== 'active') return
    const window = new Window(consumer.position)
    const known = await this.#waiting(window)
    this.#recorded = null
    while (!stopping.aborted) {
      const rung = this.#bell.next()
      await this.#readOn(window, known)
      const now = this.#options.clock()
      const due = window.due(now, this.#circuit.room(now, this.#options.concurrency))
      if (due.length > 0 && (await this.#attempt(await this.#stillThere(due, window), window))) return
      if (due.length > 0) continue
      await this.#keep(window.position, now)
      await this.#options.pause(this.#patience(window, now), rung)
      await this.#waiting(window)
    }
  }

  /** Records a position that has moved on past what does not concern this consumer, and keeps the lease alive. */
  async #keep(position: Revision, now: number): Promise<void> {
    if (position === this.#recorded && now - this.#keptAt < this.#lease.ms / 3) return
    await this.#options.outbox.settle(this.#lease, [], position)
    this.#recorded = position
    this.#keptAt = now
  }

  async #consumer() {
    return (await this.#options.outbox.consumers()).find(({ name }) => name === this.#options.terms.name)
  }

  /** Puts what was escalated and shall be tried again into the window; tells what is known of those beyond the position. */
  async #waiting(window: Window): Promise<Map<Revision, Delivery>> {
    const { outbox, store, terms, clock } = this.#options
    const gone: Settlement[] = []
    const open = await outbox.open(terms.name, 2 * WINDOW)
    const position = BigInt(window.position)
    for (const delivery of open) {
      if (BigInt(delivery.revision) > position || window.size >= 2 * WINDOW) continue
      const change = await changeAt(delivery.revision, store)
      if (change === null) gone.push(voided(delivery, clock()))
      else if (!window.has(change)) window.add(entryOf(change, delivery))
    }
    if (gone.length > 0) await outbox.settle(this.#lease, gone, window.position)
    return new Map(open.map((delivery) => [delivery.revision, delivery]))
  }

  async #readOn(window: Window, known: ReadonlyMap<Revision, Delivery>): Promise<void> {
    while (window.size < WINDOW) {
      const changes = await this.#options.store.changesAfter(window.readTo, PAGE)
      for (const change of changes) {
        const delivery = known.get(change.revision)
        window.readTo = change.revision
        if (concerns(this.#options.terms, change) && (delivery?.state ?? 'pending') === 'pending')
          window.addAhead(entryOf(change, delivery))
      }
      if (changes.length < PAGE) return
    }
  }

  /** What waited for another attempt may be about somebody who was erased meanwhile: then it is told no more. */
  async #stillThere(due: readonly Entry[], window: Window): Promise<readonly Entry[]> {
    const { outbox, store, clock } = this.#options
    const there: Entry[] = []
    const gone: Entry[] = []
    for (const entry of due) {
      const isThere = entry.attempts === 0 || (await changeAt(entry.change.revision, store)) !== null
      ;(isThere ? there : gone).push(entry)
    }
    for (const entry of gone) window.settled(entry)
    const settlements = gone.map(({ change }) => voided(change, clock()))
    if (gone.length > 0) await outbox.settle(this.#lease, settlements, window.position)
    return there
  }

  /** True when the consumer says that it is gone. */
  async #attempt(due: readonly Entry[], window: Window): Promise<boolean> {
    const { outbox, sender, clock, terms } = this.#options
    if (due.length === 0) return false
    await outbox.begin(
      this.#lease,
      due.map(({ change }) => change.revision),
      clock(),
    )
    const outcomes = await Promise.all(
      due.map(({ change }) =>
        sender.send(toConsentEvent(change), idempotencyKey(change.revision, terms.name)),
      ),
    )
    const now = clock()
    this.#circuit.tell(outcomes, now)
    const settlements = due.map((entry, place) => this.#settled(entry, outcomes[place], now))
    due.forEach((entry, place) => leave(window, entry, settlements[place]))
    await outbox.settle(this.#lease, settlements, window.position)
    if (!outcomes.some((outcome) => !outcome.isTaken && outcome.reason === 'GONE')) return false
    await outbox.setStatus(terms.name, 'gone')
    this.#options.log(
      { consumer: terms.name },
      'A consumer of consent changes says that it is gone; nothing is sent until it is resumed.',
    )
    return true
  }

  #settled({ change, attempts }: Entry, outcome: Outcome | undefined, at: number): Settlement {
    const { retry, random, log, terms } = this.#options
    const { revision } = change
    if (outcome === undefined || outcome.isTaken)
      return { revision, state: 'acknowledged', reason: null, nextAt: null, at }
    const { reason, retryAfterMs = 0 } = outcome
    if (attempts + 1 >= retry.attempts && reason !== 'GONE') {
      log(
        { consumer: terms.name, revision, reason },
        'A change of consent could not be delivered and is escalated.',
      )
      return { revision, state: 'escalated', reason, nextAt: null, at }
    }
    const patience = Math.max(
      pauseBehind(attempts + 1, retry, random),
      Math.min(retryAfterMs, retry.longestMs),
    )
    return { revision, state: 'pending', reason, nextAt: at + patience, at }
  }

  /** Until something is due; others' writes and the lease do not wait longer than a poll. */
  #patience(window: Window, now: number): number {
    const next = Math.max(window.nextAt(), this.#circuit.closedUntil())
    return Math.max(1, Math.min(this.#options.pollMs, next - now))
  }
}

/** Null when it is there no more: of somebody who was erased only the erasure is told. */
async function changeAt(revision: Revision, store: DelivererOptions['store']): Promise<Change | null> {
  const [change] = await store.changesAfter(String(BigInt(revision) - 1n), 1)
  return change?.revision === revision ? change : null
}

function voided({ revision }: { readonly revision: Revision }, at: number): Settlement {
  return { revision, state: 'void', reason: null, nextAt: null, at }
}

function entryOf(change: Change, delivery: Delivery | undefined): Entry {
  return { change, attempts: delivery?.attempts ?? 0, nextAt: delivery?.nextAt ?? 0 }
}

function leave(window: Window, entry: Entry, settlement: Settlement | undefined): void {
  if (settlement?.state === 'pending')
    window.again({ ...entry, attempts: entry.attempts + 1, nextAt: settlement.nextAt ?? 0 })
  else window.settled(entry)
}
