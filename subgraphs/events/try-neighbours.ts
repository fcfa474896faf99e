import { randomUUID } from 'node:crypto'
import type { Event } from './event.ts'
import type { FlowParts } from './pass-events.ts'

/**
 * Puts to each neighbour what it is asked of an event, about somebody who is nobody: the store runs its insert, and nothing
 * comes of it, since no consent of theirs is alive. Whoever throws here is away, or cannot judge anything at all.
 */
export async function tryNeighbours({
  receipts,
  whoIs,
  store,
  clock,
}: Pick<FlowParts, 'receipts' | 'whoIs' | 'store' | 'clock'>): Promise<void> {
  const nobody = `nobody-${randomUUID()}`
  await receipts.basis([nobody])
  const [tokens = []] = await whoIs.tokens([{ kind: 'email', value: `${nobody}@assent.invalid` }])
  await whoIs.holders(tokens)
  await whoIs.known([nobody])
  await store.append([eventOf(nobody, clock())], clock())
}

/** Rests on a consent that was never given, so that no store takes it. */
const eventOf = (nobody: string, now: number): Event => ({
  source: 'assent',
  eventId: nobody,
  type: 'assent.nobody',
  version: 1,
  occurredAt: now,
  receivedAt: now,
  pid: nobody,
  scope: nobody,
  consentId: nobody,
  consentRevision: '0',
  data: {},
  expiresAt: now + 1,
})
