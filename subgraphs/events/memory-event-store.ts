import type { RenamedPid } from '../pid-holder.ts'
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
export function createMemoryEventStore({ standings, currency, clock }: MemoryEventStoreOptions): EventStore {
  let events: StoredEvent[] = []
  const byKey = new Map<string, StoredEvent>()
  /** By elder pid, the one that is used now. */
  const renamedTo = new Map<string, string>()
  let newest = 0n
  const mayBe = (event: Event, now: number): boolean => {
    const { pid, scope, consentRevision: revision } = event
    return revision === null || (scope !== null && standings.isAlive({ pid, scope, revision }, now))
  }
  const isAlive = (event: Event, now: number): boolean => !standings.isBlocked(event.pid) && mayBe(event, now)
  const remove = (isGone: (event: StoredEvent) => boolean): number => {
    const gone = events.filter(isGone)
    for (const event of gone) byKey.delete(eventKey(event))
    events = events.filter((event) => !isGone(event))
    return gone.length
  }
  const readable = (): readonly StoredEvent[] => {
    const now = clock()
    if (!currency.isCurrent(now)) throw new ConsentNotCurrent()
    return events
      .filter((event) => event.expiresAt > now && isAlive(event, now))
      .map((event) => ({ ...event, pid: renamedTo.get(event.pid) ?? event.pid }))
  }
  const add = (event: Event, now: number): Appended => {
    const known = byKey.get(eventKey(event))
    if (!isAlive(event, now)) return { outcome: 'not_alive' }
    if (known !== undefined) return { outcome: isSameEvent(known, event) ? 'duplicate' : 'reused' }
    newest += 1n
    const stored = { ...event, position: String(newest) }
    events.push(stored)
    byKey.set(eventKey(event), stored)
    return { outcome: 'stored', position: stored.position }
  }

  return {
    async append(added, now) {
      if (!currency.isCurrent(now)) throw new ConsentNotCurrent()
      return added.map((event) => add(event, now))
    },
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
    newest: async () => events.at(-1)?.position ?? '0',
    async counts() {
      const counts = new Map<string, number>()
      for (const { type } of readable()) counts.set(type, (counts.get(type) ?? 0) + 1)
      return counts
    },
    async purge(now, limit) {
      const over = new Set(events.filter(({ expiresAt }) => expiresAt <= now).slice(0, limit))
      return remove((event) => over.has(event))
    },
    purgeDead: async (now, pids) =>
      remove(
        (event) =>
          (pids === undefined || pids.includes(event.pid)) &&
          (standings.isErased(event.pid) || !mayBe(event, now)),
      ),
    async vacuum() {},
    async copyPids(renamed: readonly RenamedPid[]) {
      for (const { from, to } of renamed) renamedTo.set(from, to)
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      const moved = (event: StoredEvent): StoredEvent => {
        const pid = gone.has(event.pid) ? renamedTo.get(event.pid) : undefined
        return pid === undefined ? event : { ...event, pid }
      }
      events = events.map(moved)
      for (const event of events) byKey.set(eventKey(event), event)
      remove(({ pid }) => gone.has(pid))
      for (const pid of pids) renamedTo.delete(pid)
    },
  }
}
