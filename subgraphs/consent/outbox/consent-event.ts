import type { Initiator } from '../receipts/initiator.ts'
import type { Block, ReceiptStatus } from '../receipts/receipt.ts'
import type { Change, Revision } from '../store.ts'

/**
 * What a consumer is told, and no more (GDPR Art. 5(1)(c)): enough to act, nothing that proves. Who has to know more asks
 * for the receipt, with the right to. Whoever reads one keeps to the rule of docs/consent-events.md: revisions decide,
 * not the order of arrival.
 */
export interface ConsentEvent {
  /** A form that a consumer does not know it must not take for another one. */
  readonly type: 'consent.changed.v1'
  readonly revision: Revision
  readonly subject: string
  /** Null when it is about the person as a whole. */
  readonly scope: string | null
  readonly status: ReceiptStatus | null
  /** With a scope of null: what the person is now; null when a suppression was lifted. */
  readonly blocked: Block | null
  /** When it was said (ISO 8601). */
  readonly at: string
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
  readonly surface: string | null
  readonly initiator: Initiator
}

export function toConsentEvent(change: Change): ConsentEvent {
  const { revision, subject, scope, status, at, channel, region, brand, surface, initiator } = change
  const isBlock = status === 'suppressed' || status === 'erased'
  return {
    type: 'consent.changed.v1',
    revision,
    subject,
    scope,
    status: isBlock || status === 'suppression_lifted' ? null : status,
    blocked: isBlock ? status : null,
    at: new Date(at).toISOString(),
    channel,
    region,
    brand,
    surface,
    initiator,
  }
}

/** The same for each attempt to tell one consumer of one change, so that a second one can be known for what it is. */
export function idempotencyKey(revision: Revision, consumer: string): string {
  return `${revision}-${consumer}`
}
