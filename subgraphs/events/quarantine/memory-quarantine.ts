import type { PidHolder } from '../../pid-holder.ts'
import type { MemoryStandings } from '../../standing/memory-standings.ts'
import type {
  FailedEvent,
  KeptFailure,
  KeptPayload,
  QuarantineStore,
  SealedPayload,
} from './quarantine-store.ts'

interface Entry extends KeptFailure {
  readonly payload: SealedPayload | null
  readonly settledAt: number | null
}

/** In this process; gone when it ends. */
export function createMemoryQuarantine(standings: MemoryStandings): QuarantineStore {
  const entries: Entries = new Map()
  return {
    async put(failed, now) {
      for (const one of failed) keep(entries, toEntry(one, entries.get(one.id), { standings, now }))
    },
    async settle(ids, state, now) {
      change(entries, ids, (entry) => ({ ...withoutPayload(entry), state, settledAt: now }))
    },
    ...readsOf(entries, standings),
    ...endsOf(entries, standings),
    ...pidsOf(entries),
  }
}

type Entries = Map<string, Entry>

/** Without a payload there is nothing that would be replayed, and no name is needed. */
const withoutPayload = ({ envelope }: Entry): Partial<Entry> => ({
  envelope: { ...envelope, pid: null, consentId: null },
  payload: null,
  hasPayload: false,
  expiresAt: null,
})

function mayBe(
  standings: MemoryStandings,
  payload: SealedPayload | null,
  now: number,
): payload is SealedPayload {
  if (payload === null || payload.expiresAt <= now) return false
  const { pid, scope, revision } = payload
  if (pid !== null && standings.isBlocked(pid)) return false
  if (revision === null) return true
  return pid !== null && scope !== null && standings.isAlive({ pid, scope, revision }, now)
}

function change(entries: Entries, ids: Iterable<string>, more: (entry: Entry) => Partial<Entry>): void {
  for (const id of ids) {
    const entry = entries.get(id)
    if (entry) entries.set(id, { ...entry, ...more(entry) })
  }
}

/** What fails again stands behind everything that failed before it. */
function keep(entries: Entries, entry: Entry): void {
  entries.delete(entry.id)
  entries.set(entry.id, entry)
}

function toEntry(
  failed: FailedEvent,
  before: Entry | undefined,
  { standings, now }: { readonly standings: MemoryStandings; readonly now: number },
): Entry {
  const payload = mayBe(standings, failed.payload, now) ? failed.payload : null
  const { envelope } = failed
  return {
    ...failed,
    envelope: payload === null ? { ...envelope, pid: null, consentId: null } : envelope,
    payload,
    hasPayload: payload !== null,
    expiresAt: payload?.expiresAt ?? null,
    state: 'waiting',
    settledAt: null,
    firstAt: before?.firstAt ?? now,
    lastAt: now,
    attempts: (before?.attempts ?? 0) + 1,
  }
}

function readsOf(
  entries: Entries,
  standings: MemoryStandings,
): Pick<QuarantineStore, 'list' | 'read' | 'waiting'> {
  return {
    async list({ state, code, source, type, after, limit }) {
      return [...entries.values()]
        .filter((entry) => state === undefined || entry.state === state)
        .filter((entry) => code === undefined || entry.code === code)
        .filter((entry) => source === undefined || entry.source === source)
        .filter((entry) => type === undefined || entry.envelope.type === type)
        .toSorted((a, b) => a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1))
        .filter((entry) => isBehind(entry, after === undefined ? undefined : entries.get(after)))
        .slice(0, limit)
        .map(toFailure)
    },
    async read(ids, now) {
      return [...new Set(ids)].flatMap((id): KeptPayload[] => {
        const entry = entries.get(id)
        if (entry === undefined) return []
        return [
          { ...toFailure(entry), sealed: mayBe(standings, entry.payload, now) ? entry.payload.sealed : null },
        ]
      })
    },
    async waiting() {
      const waiting = [...entries.values()].filter(({ state }) => state === 'waiting')
      return [...new Set(waiting.map(({ code }) => code))].toSorted().map((code) => {
        const same = waiting.filter((entry) => entry.code === code)
        return { code, count: same.length, oldestAt: Math.min(...same.map(({ firstAt }) => firstAt)) }
      })
    },
  }
}

function endsOf(
  entries: Entries,
  standings: MemoryStandings,
): Pick<QuarantineStore, 'expire' | 'purgeDead' | 'vacuum'> {
  return {
    async expire(now, settledBefore) {
      const over = [...entries.values()].filter(({ payload }) => payload !== null && payload.expiresAt <= now)
      change(
        entries,
        over.map(({ id }) => id),
        withoutPayload,
      )
      const old = [...entries.values()].filter(
        ({ settledAt }) => settledAt !== null && settledAt < settledBefore,
      )
      for (const { id } of old) entries.delete(id)
      return over.length + old.length
    },
    async purgeDead(now, pids) {
      const isAsked = (pid: string | null): boolean =>
        pids === undefined || (pid !== null && pids.includes(pid))
      const isErased = (pid: string): boolean => standings.isErased(pid)
      const mayStay = ({ pid, scope, revision }: SealedPayload): boolean => {
        if (pid !== null && isErased(pid)) return false
        if (revision === null) return true
        return pid !== null && scope !== null && standings.isKept({ pid, scope, revision }, now)
      }
      const gone = [...entries.values()].filter(
        ({ payload }) => payload !== null && isAsked(payload.pid) && !mayStay(payload),
      )
      const erased = [...entries.values()].filter(
        ({ envelope: { pid } }) => pid !== null && isAsked(pid) && isErased(pid),
      )
      change(
        entries,
        gone.map(({ id }) => id),
        withoutPayload,
      )
      change(
        entries,
        erased.map(({ id }) => id),
        withoutPayload,
      )
      return gone.length + erased.length
    },
    async vacuum() {},
  }
}

function pidsOf(entries: Entries): PidHolder {
  return {
    async copyPids(renamed) {
      const to = new Map(renamed.map((each) => [each.from, each.to]))
      change(entries, [...entries.keys()], ({ envelope, payload }) => ({
        envelope: { ...envelope, pid: to.get(envelope.pid ?? '') ?? envelope.pid },
        payload: payload && { ...payload, pid: to.get(payload.pid ?? '') ?? payload.pid },
      }))
    },
    async forgetPids(pids) {
      const gone = [...entries.values()].filter(
        ({ envelope, payload }) => pids.includes(envelope.pid ?? '') || pids.includes(payload?.pid ?? ''),
      )
      change(
        entries,
        gone.map(({ id }) => id),
        withoutPayload,
      )
    },
  }
}

const isBehind = (entry: Entry, after: Entry | undefined): boolean =>
  after === undefined ||
  entry.firstAt > after.firstAt ||
  (entry.firstAt === after.firstAt && entry.id > after.id)

function toFailure(entry: Entry): KeptFailure {
  const { payload: _payload, settledAt: _settledAt, ...failure } = entry
  return failure
}
