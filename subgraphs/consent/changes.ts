import { setTimeout } from 'node:timers/promises'
import type { EventStream } from '../send-events.ts'
import type { Change, ConsentStore } from './store.ts'

/** How long a listener waits at most until it hears that everything is still as it was. */
const HEARTBEAT_MS = 1_000
const PAGE = 500

/** A pause that ends early when the signal is aborted. A port, so that tests own the time. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

/**
 * Changes after `input.after`, oldest first, for as long as somebody listens. Each heartbeat carries the newest
 * revision: who has seen it and hears it again knows that nothing was missed, and who hears nothing knows nothing.
 */
export function consentChanges(store: ConsentStore, pause: Pause = pauseFor): EventStream {
  return async function* (input, signal) {
    let round = new AbortController()
    const wake = () => round.abort()
    signal.addEventListener('abort', wake, { once: true })
    const forget = store.onWrite(wake)
    let seen = startOf(input)
    try {
      while (!signal.aborted) {
        // What is written while we read ends the pause before it begins.
        round = new AbortController()
        const changes = await store.changesAfter(seen, PAGE)
        for (const change of await withLinked(store, changes)) {
          seen = change.revision
          yield { event: 'change', id: seen, data: toConsentChange(change) }
        }
        if (changes.length === PAGE) continue
        yield { event: 'heartbeat', data: { revision: seen } }
        await pause(HEARTBEAT_MS, round.signal)
      }
    } finally {
      forget()
    }
  }
}

/** What is said about one person changes what holds for who is linked to them: of them it is told that something has. */
export async function withLinked(
  store: ConsentStore,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const [first] = changes
  if (first === undefined) return []
  const concerned = await store.concernedAfter(String(BigInt(first.revision) - 1n), changes.length)
  const linked = new Map<string, string[]>()
  for (const { revision, subject } of concerned)
    linked.set(revision, [...(linked.get(revision) ?? []), subject])
  return changes.flatMap((change) => {
    const others = (linked.get(change.revision) ?? []).filter((subject) => subject !== change.subject)
    return [change, ...others.map((subject) => ({ ...change, ...OF_ANOTHER, subject }))]
  })
}

const OF_ANOTHER = {
  scope: null,
  channel: null,
  region: null,
  brand: null,
  expiresAt: null,
  status: 'linked',
} as const

/** A change in the words of the schema's `ConsentChange`. */
export function toConsentChange({ revision, subject, scope, status, at }: Change): object {
  const isBlock = status === 'suppressed' || status === 'erased'
  return {
    revision,
    subject,
    scopes: scope === null ? [] : [scope],
    status: scope === null ? null : status.toUpperCase(),
    blocked: isBlock ? status.toUpperCase() : null,
    at: new Date(at).toISOString(),
  }
}

function startOf(input: unknown): string {
  const after = typeof input === 'object' && input !== null ? (input as { after?: unknown }).after : undefined
  return typeof after === 'string' && /^\d{1,18}$/.test(after) ? after : '0'
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {})
}
