import type { Revision } from '../store.ts'
import type { Consumer, ConsumerTerms } from './consumer.ts'

/** How one change fared with one consumer. Its idempotency key is consumer and revision. */
export interface Delivery {
  readonly consumer: string
  readonly revision: Revision
  /** `void`: the person was erased meanwhile, and the erasure is told instead. */
  readonly state: 'pending' | 'acknowledged' | 'escalated' | 'void'
  readonly attempts: number
  /** Milliseconds since the epoch, all of them. */
  readonly firstAt: number
  readonly lastAt: number
  readonly acknowledgedAt: number | null
  /** Why the last attempt failed: a word of ours, never the consumer's; null when it did not. */
  readonly reason: string | null
  readonly nextAt: number | null
}

/** What an attempt came to. */
export interface Settlement extends Pick<Delivery, 'revision' | 'state' | 'reason' | 'nextAt'> {
  readonly at: number
}

/** Who delivers to a consumer, for how long. */
export interface Lease {
  readonly consumer: string
  readonly holder: string
  readonly ms: number
}

/**
 * Who has to hear of changes, and who has. The changes themselves are the consent store's: a position here is a
 * revision there, and nothing is written twice.
 */
export interface OutboxStore {
  /** Makes consumers that are new, at their start; of the others only the terms change, never the position. */
  configure(consumers: readonly (ConsumerTerms & { readonly start: Revision })[]): Promise<void>

  consumers(): Promise<readonly Consumer[]>

  /** A consumer fetched these changes, and has now seen everything up to `upTo`. */
  handOut(consumer: string, page: HandedOut): Promise<void>

  /** False, and nothing is moved, when this was never handed out. A position never goes back. */
  acknowledge(consumer: string, upTo: Revision, at: number): Promise<boolean>

  /** Takes or prolongs the right to deliver. False while somebody else has it. Judged by the store's clock. */
  take(lease: Lease): Promise<boolean>

  release(lease: Lease): Promise<void>

  /** Deliveries beyond the position, and those before it that wait for another attempt; oldest first. */
  open(consumer: string, limit: number): Promise<readonly Delivery[]>

  /** Before anything is sent: what is not recorded was never tried. Prolongs the lease, or throws `LeaseLost`. */
  begin(lease: Lease, revisions: readonly Revision[], at: number): Promise<void>

  /** Records what came of it and how far everything is settled. Prolongs the lease, or throws `LeaseLost`. */
  settle(lease: Lease, settlements: readonly Settlement[], position: Revision): Promise<void>

  setStatus(consumer: string, status: Consumer['status']): Promise<void>

  /** Lets escalated deliveries be tried again, those named or all; how many. */
  redeliver(consumer: string, revisions: readonly Revision[] | null, at: number): Promise<number>

  deliveries(revision: Revision): Promise<readonly Delivery[]>

  /**
   * Summarises deliveries that were settled before an instant, so many at most; how many. Which revisions those were, with
   * whom and on which day stays known exactly. Nothing that waits, was escalated or lies beyond a position is touched.
   */
  summarise(before: number, limit: number): Promise<number>

  /** Of one revision, what is known by summaries alone. */
  summaries(revision: Revision): Promise<readonly Summary[]>
}

/** That a change was settled with a consumer on a day (ISO 8601, UTC). */
export interface Summary {
  readonly consumer: string
  readonly state: 'acknowledged' | 'void'
  readonly day: string
}

export interface HandedOut {
  readonly revisions: readonly Revision[]
  readonly upTo: Revision
  readonly at: number
}

/** Another deliverer has taken over; whoever hears this stops. */
export class LeaseLost extends Error {
  constructor(consumer: string) {
    super(`Another deliverer has taken over ${consumer}.`)
  }
}
