import type { ConsentStore, Revision } from '../store.ts'
import { type ConsentEvent, toConsentEvent } from './consent-event.ts'
import { concerns, type Consumer } from './consumer.ts'
import type { OutboxStore } from './outbox-store.ts'

export interface PulledPage {
  readonly changes: readonly ConsentEvent[]
  /** To acknowledge when all of them are taken, and to go on from. */
  readonly position: Revision
  /** Whether more was written already. */
  readonly more: boolean
}

const LOOKED_AT = 5_000
const PAGE = 500

/**
 * What concerns a consumer after a revision, oldest first. Null when it asks beyond what it was ever handed: what lies
 * between it would have skipped unseen.
 */
export async function pullChanges(
  consumer: Consumer,
  { after, limit, at }: { readonly after: Revision | null; readonly limit: number; readonly at: number },
  { store, outbox }: { store: Pick<ConsentStore, 'changesAfter'>; outbox: OutboxStore },
): Promise<PulledPage | null> {
  const start = after ?? consumer.position
  if (BigInt(start) > BigInt(consumer.handedOut)) return null
  const changes: ConsentEvent[] = []
  let position = start
  let more = true
  for (let looked = 0; more && changes.length < limit && looked < LOOKED_AT; looked += PAGE) {
    const page = await store.changesAfter(position, PAGE)
    more = page.length === PAGE
    for (const change of page) {
      if (changes.length === limit) {
        more = true
        break
      }
      position = change.revision
      if (concerns(consumer, change)) changes.push(toConsentEvent(change))
    }
  }
  await outbox.handOut(consumer.name, {
    revisions: changes.map(({ revision }) => revision),
    upTo: position,
    at,
  })
  return { changes, position, more }
}
