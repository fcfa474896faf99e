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
  const entries = new Map<string, Entry>()
  const mayBe = (
    payload: SealedPayload | null,
    now: number,
    isBlocked = (pid: string) => standings.isBlocked(pid),
  ): payload is SealedPayload => {
    if (payload === null || payload.expiresAt <= now) return false
    const { pid, scope, revision } = payload
    if (pid !== null && isBlocked(pid)) return false
    if (revision === null) return true
    return pid !== null && scope !== null && standings.isAlive({ pid, scope, revision }, now)
  }
  const change = (ids: Iterable<string>, more: (entry: Entry) => Partial<Entry>): void => {
    for (const id of ids) {
      const entry = entries.get(id)
      if (entry) entries.set(id, { ...entry, ...more(entry) })
    }
  }
  const keep = (failed: FailedEvent, now: number): void => {
    const before = entries.get(failed.id)
    entries.delete(failed.id)
    const payload = mayBe(failed.payload, now) ? failed.payload : null
    entries.set(failed.id, {
      ...failed,
      payload,
      hasPayload: payload !== null,
      expiresAt: payload?.expiresAt ?? null,
      state: 'waiting',
      settledAt: null,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
      attempts: (before?.attempts ?? 0) + 1,
    })
  }
  const without = { payload: null, hasPayload: false, expiresAt: null }
  return {
    async put(failed, now) {
      for (const one of failed) keep(one, now)
    },
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
        return [{ ...toFailure(entry), sealed: mayBe(entry.payload, now) ? entry.payload.sealed : null }]
      })
    },
    async settle(ids, state, now) {
      change(ids, () => ({ ...without, state, settledAt: now }))
    },
    async waiting() {
      const waiting = [...entries.values()].filter(({ state }) => state === 'waiting')
      return [...new Set(waiting.map(({ code }) => code))].toSorted().map((code) => {
        const same = waiting.filter((entry) => entry.code === code)
        return { code, count: same.length, oldestAt: Math.min(...same.map(({ firstAt }) => firstAt)) }
      })
    },
    async expire(now, settledBefore) {
      const over = [...entries.values()].filter(({ payload }) => payload !== null && payload.expiresAt <= now)
      change(
        over.map(({ id }) => id),
        () => without,
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
      const gone = [...entries.values()].filter(
        ({ payload }) =>
          payload !== null &&
          isAsked(payload.pid) &&
          !mayBe({ ...payload, expiresAt: Infinity }, now, isErased),
      )
      const erased = [...entries.values()].filter(
        ({ envelope: { pid } }) => pid !== null && isAsked(pid) && isErased(pid),
      )
      change(
        gone.map(({ id }) => id),
        () => without,
      )
      change(
        erased.map(({ id }) => id),
        nameless,
      )
      return gone.length + erased.length
    },
    async vacuum() {},
    async copyPids(renamed) {
      const to = new Map(renamed.map((each) => [each.from, each.to]))
      change([...entries.keys()], ({ envelope, payload }) => ({
        envelope: { ...envelope, pid: to.get(envelope.pid ?? '') ?? envelope.pid },
        payload: payload && { ...payload, pid: to.get(payload.pid ?? '') ?? payload.pid },
      }))
    },
    async forgetPids(pids) {
      const gone = [...entries.values()].filter(
        ({ envelope, payload }) => pids.includes(envelope.pid ?? '') || pids.includes(payload?.pid ?? ''),
      )
      change(
        gone.map(({ id }) => id),
        (entry) => ({ ...nameless(entry), ...without }),
      )
    },
  }
}

const nameless = ({ envelope }: Entry): Partial<Entry> => ({
  envelope: { ...envelope, pid: null, consentId: null },
})

const isBehind = (entry: Entry, after: Entry | undefined): boolean =>
  after === undefined ||
  entry.firstAt > after.firstAt ||
  (entry.firstAt === after.firstAt && entry.id > after.id)

function toFailure({ payload: _, settledAt: __, ...failure }: Entry): KeptFailure {
  return failure
}
