import type { PidHolder } from '../pid-holder.ts'
import type { MemoryStandings } from '../standing/memory-standings.ts'
import { type ProfileWrite, writeKey } from './settle.ts'
import type { KeptWrite, OwnershipStore, ProfileKey } from './store.ts'

/** What systems said, in this process; gone when it ends. */
export function createMemoryOwnershipStore(
  standings: Pick<MemoryStandings, 'isAlive' | 'isKept' | 'isBlocked' | 'isErased'>,
): OwnershipStore {
  const kept = new Map<string, KeptWrite>()
  const isAlive = ({ pid, consent }: KeptWrite, now: number): boolean =>
    !standings.isBlocked(pid) && (consent === null || standings.isAlive({ pid, ...consent }, now))
  const mayStay = ({ pid, consent }: KeptWrite, now: number): boolean =>
    consent === null || standings.isKept({ pid, ...consent }, now)
  const removeWhere = (isGone: (write: KeptWrite) => boolean): number => {
    const gone = [...kept].filter(([, write]) => isGone(write))
    for (const [name] of gone) kept.delete(name)
    return gone.length
  }
  return {
    async add(writes, now) {
      return writes.map((write) => {
        if (kept.has(nameOf(write))) return 'known'
        if (!isAlive(write, now)) return 'not alive'
        kept.set(nameOf(write), write)
        return 'added'
      })
    },
    async of(keys, now) {
      const asked = new Set(keys.map(profileKey))
      return [...kept.values()]
        .filter((write) => asked.has(profileKey(write)) && isAlive(write, now))
        .map(saidIn)
    },
    async people(after, limit, since) {
      const heard = [...kept.values()].filter(({ receivedAt }) => receivedAt >= since)
      const pids = [...new Set(heard.map(({ pid }) => pid))].toSorted()
      return pids.filter((pid) => after === null || pid > after).slice(0, limit)
    },
    async expire(until) {
      const last = lastOf(kept.values())
      return removeWhere((write) => {
        const horizon = until.get(write.attribute) ?? -Infinity
        const { version = 0, at = 0 } = last.get(groupOf(write)) ?? {}
        return write.at <= horizon && (write.version < version || at <= horizon)
      })
    },
    ...pidHolder(kept),
    async purgeDead(now, pids) {
      const among = pids === undefined ? null : new Set(pids)
      const isDead = (write: KeptWrite): boolean => standings.isErased(write.pid) || !mayStay(write, now)
      return removeWhere((write) => (among === null || among.has(write.pid)) && isDead(write))
    },
    async vacuum() {},
  }
}

function pidHolder(kept: Map<string, KeptWrite>): PidHolder {
  return {
    async copyPids(renamed) {
      for (const { from, to } of renamed)
        for (const write of [...kept.values()].filter(({ pid }) => pid === from)) {
          const copy = { ...write, pid: to }
          if (!kept.has(nameOf(copy))) kept.set(nameOf(copy), copy)
        }
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      for (const [name, { pid }] of kept) if (gone.has(pid)) kept.delete(name)
    },
  }
}

interface Last {
  readonly version: number
  readonly at: number
}

/** Of what each system said of an attribute of a person, the greatest version and the latest time. */
function lastOf(writes: Iterable<ProfileWrite>): ReadonlyMap<string, Last> {
  const last = new Map<string, Last>()
  for (const write of writes) {
    const { version, at } = last.get(groupOf(write)) ?? write
    last.set(groupOf(write), { version: Math.max(version, write.version), at: Math.max(at, write.at) })
  }
  return last
}

const profileKey = ({ pid, attribute }: ProfileKey): string => JSON.stringify([pid, attribute])

const nameOf = (write: ProfileWrite): string => JSON.stringify([write.pid, write.attribute, writeKey(write)])

const groupOf = ({ pid, attribute, system }: ProfileWrite): string => JSON.stringify([pid, attribute, system])

const saidIn = ({ pid, attribute, system, version, at, confirmed, value }: KeptWrite): ProfileWrite => ({
  pid,
  attribute,
  system,
  version,
  at,
  confirmed,
  value,
})
