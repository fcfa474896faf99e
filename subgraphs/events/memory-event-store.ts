import type { PidHolder } from '../pid-holder.ts'
import type { Currency } from '../standing/standing-store.ts'
import type { MemoryStandings } from '../standing/memory-standings.ts'
import { type Event, eventKey, type StoredEvent } from './event.ts'
import { type Appended, ConsentNotCurrent, type EventStore, isSameEvent } from './event-store.ts'

export interface MemoryEventStoreOptions {
  readonly standings: MemoryStandings
  readonly currency: Pick<Currency, 'isCurrent'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Events in this process; gone when it ends. */
export function createMemoryEventStore(options: MemoryEventStoreOptions): EventStore {
  const { standings, currency } = options
  const kept: Kept = { events: [], byKey: new Map(), renamedTo: new Map(), newest: 0n }
  return {
    append: async (added, now) => {
      if (!currency.isCurrent(now)) throw new ConsentNotCurrent()
      return added.map((event) =>
        add(kept, event, !standings.isBlocked(event.pid) && mayBe(standings, event, now)),
      )
    },
    ...readsOf(kept, options),
    ...endsOf(kept, options),
    ...pidsOf(kept),
  }
}

interface Kept {
  /** In the order of their positions. */
  events: readonly StoredEvent[]
  readonly byKey: Map<string, StoredEvent>
  /** By elder pid, the one that is used now. */
  readonly renamedTo: Map<string, string>
  newest: bigint
}

function mayBe(standings: MemoryStandings, event: Event, now: number): boolean {
  const { pid, scope, consentRevision: revision } = event
  return revision === null || (scope !== null && standings.isAlive({ pid, scope, revision }, now))
}

function mayStay(
  standings: MemoryStandings,
  { pid, scope, consentRevision: revision }: Event,
  now: number,
): boolean {
  if (standings.isErased(pid)) return false
  return revision === null || (scope !== null && standings.isKept({ pid, scope, revision }, now))
}

function add(kept: Kept, event: Event, isAlive: boolean): Appended {
  const known = kept.byKey.get(eventKey(event))
  if (!isAlive) return { outcome: 'not_alive' }
  if (known !== undefined) return { outcome: isSameEvent(known, event) ? 'duplicate' : 'reused' }
  kept.newest += 1n
  const stored = { ...event, position: String(kept.newest) }
  kept.events = [...kept.events, stored]
  kept.byKey.set(eventKey(event), stored)
  return { outcome: 'stored', position: stored.position }
}

function remove(kept: Kept, isGone: (event: StoredEvent) => boolean): number {
  const gone = kept.events.filter(isGone)
  for (const event of gone) kept.byKey.delete(eventKey(event))
  kept.events = kept.events.filter((event) => !isGone(event))
  return gone.length
}

type Reads = Pick<EventStore, 'after' | 'of' | 'ofPerson' | 'ofType' | 'people' | 'newest' | 'counts'>

/** Nothing is read while nobody knows what consent says. */
function readsOf(kept: Kept, { standings, currency, clock }: MemoryEventStoreOptions): Reads {
  const readable = (): readonly StoredEvent[] => {
    const now = clock()
    if (!currency.isCurrent(now)) throw new ConsentNotCurrent()
    return kept.events
      .filter((event) => event.expiresAt > now && !standings.isBlocked(event.pid))
      .filter((event) => mayBe(standings, event, now))
      .map((event) => ({ ...event, pid: kept.renamedTo.get(event.pid) ?? event.pid }))
  }
  return {
    after: async (position, limit) =>
      readable()
        .filter((event) => BigInt(event.position) > BigInt(position))
        .slice(0, limit),
    of: async (pids, types, upTo) =>
      readable().filter(
        ({ pid, type, position }) =>
          pids.includes(pid) && types.includes(type) && BigInt(position) <= BigInt(upTo),
      ),
    ofPerson: async (pid, from, until) =>
      readable()
        .filter((event) => event.pid === pid && event.occurredAt >= from && event.occurredAt < until)
        .toSorted((a, b) => a.occurredAt - b.occurredAt),
    ofType: async ({ type, from, to, receivedBefore }, page) =>
      readable()
        .filter((event) => event.type === type && BigInt(event.position) > BigInt(page.after))
        .filter((event) => event.occurredAt >= from && event.occurredAt < to)
        .filter((event) => event.receivedAt < receivedBefore)
        .slice(0, page.limit),
    people: async (after, limit) =>
      [...new Set(readable().map(({ pid }) => pid))]
        .toSorted()
        .filter((pid) => after === null || pid > after)
        .slice(0, limit),
    newest: async () => kept.events.at(-1)?.position ?? '0',
    async counts() {
      const counts = new Map<string, number>()
      for (const { type } of readable()) counts.set(type, (counts.get(type) ?? 0) + 1)
      return counts
    },
  }
}

/** What is over, by its time or by a word of its person. */
function endsOf(
  kept: Kept,
  { standings }: MemoryEventStoreOptions,
): Pick<EventStore, 'purge' | 'purgeDead' | 'vacuum'> {
  return {
    async purge(now, limit) {
      const over = new Set(kept.events.filter(({ expiresAt }) => expiresAt <= now).slice(0, limit))
      return remove(kept, (event) => over.has(event))
    },
    purgeDead: async (now, pids) =>
      remove(
        kept,
        (event) => (pids === undefined || pids.includes(event.pid)) && !mayStay(standings, event, now),
      ),
    async vacuum() {},
  }
}

function pidsOf(kept: Kept): PidHolder {
  return {
    async copyPids(renamed) {
      for (const { from, to } of renamed) kept.renamedTo.set(from, to)
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      const moved = (event: StoredEvent): StoredEvent => {
        const pid = gone.has(event.pid) ? kept.renamedTo.get(event.pid) : undefined
        return pid === undefined ? event : { ...event, pid }
      }
      kept.events = kept.events.map(moved)
      for (const event of kept.events) kept.byKey.set(eventKey(event), event)
      remove(kept, ({ pid }) => gone.has(pid))
      for (const pid of pids) kept.renamedTo.delete(pid)
    },
  }
}
