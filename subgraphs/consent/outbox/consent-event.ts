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
  readonly type: 'consent.changed.v1' | 'consent.linked.v1'
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
  /** Of `consent.linked.v1`: pids that are one person’s since then, or no longer are. */
  readonly link?: EventLink
}

export interface EventLink {
  readonly decision: string
  readonly kind: 'merged' | 'renamed'
  readonly pids: readonly string[]
  readonly inForce: boolean
}

export function toConsentEvent(change: Change): ConsentEvent {
  const { revision, subject, scope, status, at, channel, region, brand, surface, initiator, link } = change
  const isBlock = status === 'suppressed' || status === 'erased'
  return {
    type: link === undefined ? 'consent.changed.v1' : 'consent.linked.v1',
    revision,
    subject,
    scope,
    status: scope === null ? null : (status as ReceiptStatus),
    blocked: isBlock ? status : null,
    at: new Date(at).toISOString(),
    channel,
    region,
    brand,
    surface,
    initiator,
    ...(link !== undefined && { link: eventLink(link, status === 'linked') }),
  }
}

function eventLink(
  { decisionId: decision, kind, pids }: NonNullable<Change['link']>,
  inForce: boolean,
): EventLink {
  return { decision, kind, pids, inForce }
}

/** The same for each attempt to tell one consumer of one change, so that a second one can be known for what it is. */
export function idempotencyKey(revision: Revision, consumer: string): string {
  return `${revision}-${consumer}`
}
