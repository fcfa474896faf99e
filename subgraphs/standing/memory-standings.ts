import type { RenamedPid } from '../pid-holder.ts'
import {
  isAlive,
  later,
  newer,
  type RestsOn,
  type Revision,
  type Standing,
  type StandingKey,
} from './standing.ts'
import type { StandingStore } from './standing-store.ts'

export interface MemoryStandings extends StandingStore {
  /** What `alive(…)` is to statements. */
  isAlive(row: RestsOn, now: number): boolean
  /** What `erased(…)` is to statements. */
  isErased(pid: string): boolean
}

/** Standings in this process; gone when it ends. */
export function createMemoryStandings(): MemoryStandings {
  const standings = new Map<string, Standing>()
  const erased = new Set<string>()
  let mark: Revision = '0'
  const take = (standing: Standing): void => {
    const known = standings.get(keyOf(standing))
    standings.set(keyOf(standing), known === undefined ? standing : newer(known, standing))
  }
  const all = (): readonly Standing[] => [...standings.values()]
  return {
    mark: async () => mark,
    async write(heard, upTo, gone = []) {
      for (const standing of heard) take(standing)
      for (const pid of gone) erased.add(pid)
      mark = later(mark, upTo)
    },
    of: async (pairs) => [...new Set(pairs.map(keyOf))].flatMap((key) => standings.get(key) ?? []),
    async ofPeople(pids) {
      const asked = new Set(pids)
      return all().filter(({ pid }) => asked.has(pid))
    },
    async people(after, limit) {
      const pids = [...new Set(all().map(({ pid }) => pid))].toSorted()
      return pids.filter((pid) => after === null || pid > after).slice(0, limit)
    },
    async expire(now) {
      const over = all().filter((standing) => endOf(standing) <= now)
      for (const standing of over) standings.set(keyOf(standing), { ...standing, cut: standing.basis })
      return over.length
    },
    async nextExpiry() {
      const next = all().reduce((least, standing) => Math.min(least, endOf(standing)), Infinity)
      return Number.isFinite(next) ? next : null
    },
    async copyPids(renamed) {
      for (const { from, to } of renamed) if (erased.has(from)) erased.add(to)
      for (const standing of copies(all(), renamed)) take(standing)
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      for (const [key, { pid }] of standings) if (gone.has(pid)) standings.delete(key)
      for (const pid of pids) erased.delete(pid)
    },
    isAlive: (row, now) => isAlive(standings.get(keyOf(row)), row.revision, now),
    isErased: (pid) => erased.has(pid),
  }
}

/** What was heard of the elder pid is older than whatever is heard of the new one; what it has cut is cut there, too. */
function copies(standings: readonly Standing[], renamed: readonly RenamedPid[]): readonly Standing[] {
  const to = new Map(renamed.map((each) => [each.from, each.to]))
  return standings.flatMap((standing) => {
    const pid = to.get(standing.pid)
    return pid === undefined ? [] : [{ ...standing, pid, revision: '0' }]
  })
}

/** Only while it would still cut something. */
function endOf({ granted, expiresAt, cut, basis }: Standing): number {
  return granted && expiresAt !== null && BigInt(cut) < BigInt(basis) ? expiresAt : Infinity
}

const keyOf = ({ pid, scope }: StandingKey): string => JSON.stringify([pid, scope])
