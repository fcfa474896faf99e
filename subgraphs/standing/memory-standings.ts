import type { RenamedPid } from '../pid-holder.ts'
import {
  type Block,
  isAlive,
  isKept,
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
  /** What `kept(…)` is to statements. */
  isKept(row: RestsOn, now: number): boolean
  /** What `blocked(…)` and `erased(…)` are to statements. */
  isBlocked(pid: string): boolean
  isErased(pid: string): boolean
}

interface Heard {
  readonly standings: Map<string, Standing>
  readonly blocks: Map<string, Block>
}

/** Standings in this process; gone when it ends. */
export function createMemoryStandings(): MemoryStandings {
  const heard: Heard = { standings: new Map(), blocks: new Map() }
  const { standings, blocks } = heard
  let mark: Revision = '0'
  let policy: string | null = null
  const all = (): readonly Standing[] => [...standings.values()]
  return {
    mark: async () => mark,
    policy: async () => policy,
    async write(written, upTo, besides = {}) {
      for (const standing of written) take(standing, heard)
      for (const block of besides.blocks ?? []) takeBlock(block, heard)
      mark = later(mark, upTo)
      if (besides.policy !== undefined) policy = besides.policy
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
      for (const standing of over)
        standings.set(keyOf(standing), { ...standing, ...NO_MORE, cut: standing.basis })
      return [...new Set(over.map(({ pid }) => pid))]
    },
    async nextExpiry() {
      const next = all().reduce((least, standing) => Math.min(least, endOf(standing)), Infinity)
      return Number.isFinite(next) ? next : null
    },
    copyPids: async (renamed) => copy(renamed, heard),
    async forgetPids(pids) {
      const gone = new Set(pids)
      for (const [key, { pid }] of standings) if (gone.has(pid)) standings.delete(key)
      for (const pid of pids) blocks.delete(pid)
    },
    isAlive: (row, now) => isAlive(standings.get(keyOf(row)), row.revision, now),
    isKept: (row, now) => isKept(standings.get(keyOf(row)), row.revision, now),
    isBlocked: (pid) => (blocks.get(pid)?.kind ?? null) !== null,
    isErased: (pid) => blocks.get(pid)?.kind === 'erased',
  }
}

const NO_MORE = { granted: false, receipt: null, expiresAt: null, basis: '0' } as const

function take(standing: Standing, { standings }: Heard): void {
  const known = standings.get(keyOf(standing))
  standings.set(keyOf(standing), known === undefined ? standing : newer(known, standing))
}

/** An erasure is final. */
function takeBlock(block: Block, { blocks }: Heard): void {
  const known = blocks.get(block.pid)
  const isNewer = known === undefined || BigInt(block.revision) >= BigInt(known.revision)
  const isErased = known?.kind === 'erased' || block.kind === 'erased'
  if (isNewer || isErased) blocks.set(block.pid, isErased ? { ...block, kind: 'erased' } : block)
}

/** What was heard of the elder pid is older than whatever is heard of the new one; what it has cut is cut there, too. */
function copy(renamed: readonly RenamedPid[], heard: Heard): void {
  const to = new Map(renamed.map((each) => [each.from, each.to]))
  const copied = <T extends { readonly pid: string }>(one: T): (T & { revision: Revision })[] => {
    const pid = to.get(one.pid)
    return pid === undefined ? [] : [{ ...one, pid, revision: '0' }]
  }
  for (const standing of [...heard.standings.values()].flatMap(copied)) take(standing, heard)
  for (const block of [...heard.blocks.values()].flatMap(copied)) takeBlock(block, heard)
}

/** Only while it would still cut something. */
function endOf({ granted, expiresAt, cut, basis }: Standing): number {
  return granted && expiresAt !== null && BigInt(cut) < BigInt(basis) ? expiresAt : Infinity
}

const keyOf = ({ pid, scope }: StandingKey): string => JSON.stringify([pid, scope])
