import type { ConsentStore, Revision } from '../store.ts'
import { type ConsentEvent, toConsentEvent } from './consent-event.ts'
import { concerns, type Consumer } from './consumer.ts'
import type { Delivery, OutboxStore } from './outbox-store.ts'

/** Who brought a change about, through what, and which consumer got it when. */
export interface Trace {
  readonly change: ConsentEvent
  readonly consumers: readonly TracedConsumer[]
}

export interface TracedConsumer {
  readonly name: string
  /** `not_concerned`: it agreed on other scopes. `waiting`: nothing was tried yet. `before_its_time`: it started later. */
  readonly state: Delivery['state'] | 'not_concerned' | 'waiting' | 'before_its_time'
  /** Null where only the day is known. */
  readonly attempts: number | null
  /** ISO 8601. */
  readonly firstAt: string | null
  readonly acknowledgedAt: string | null
  /** The day it was settled (UTC), where no more than that is kept. */
  readonly settledOn: string | null
  readonly reason: string | null
  readonly nextAt: string | null
}

/** By its revision or the id of its receipt. Null when there is no such change, or no more. */
export async function traceChange(
  of: string,
  { store, outbox }: { store: Pick<ConsentStore, 'changesAfter' | 'revisionOf'>; outbox: OutboxStore },
): Promise<Trace | null> {
  const revision = isRevision(of) ? of : await store.revisionOf(of)
  if (revision === undefined || BigInt(revision) === 0n) return null
  const [change] = await store.changesAfter(String(BigInt(revision) - 1n), 1)
  if (change?.revision !== revision) return null
  const deliveries = new Map(
    (await outbox.deliveries(revision)).map((delivery) => [delivery.consumer, delivery]),
  )
  const summaries = new Map((await outbox.summaries(revision)).map((summary) => [summary.consumer, summary]))
  const consumers = (await outbox.consumers()).map((consumer) => {
    const { name } = consumer
    const summary = summaries.get(name)
    const { state, day } = summary ?? { state: undelivered(consumer, change), day: null }
    const nothing = { state, attempts: summary ? null : 0, reason: null }
    return { name, ...tracedDelivery({ ...nothing, ...deliveries.get(name) }), settledOn: day }
  })
  return { change: toConsentEvent(change), consumers }
}

type Known = Pick<TracedConsumer, 'state' | 'attempts' | 'reason'> &
  Partial<Pick<Delivery, 'firstAt' | 'acknowledgedAt' | 'nextAt'>>

function tracedDelivery({ state, attempts, reason, firstAt, acknowledgedAt, nextAt }: Known) {
  const times = {
    firstAt: instant(firstAt),
    acknowledgedAt: instant(acknowledgedAt),
    nextAt: instant(nextAt),
  }
  return { state, attempts, reason, ...times }
}

export function isRevision(value: unknown): value is Revision {
  return typeof value === 'string' && /^\d{1,18}$/.test(value)
}

function undelivered(
  consumer: Consumer,
  change: { scope: string | null; revision: Revision },
): TracedConsumer['state'] {
  if (!concerns(consumer, change)) return 'not_concerned'
  return BigInt(change.revision) > BigInt(consumer.position) ? 'waiting' : 'before_its_time'
}

function instant(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString()
}
