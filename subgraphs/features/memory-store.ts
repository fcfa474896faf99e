import { createMemoryStandings, type MemoryStandings } from '../standing/memory-standings.ts'
import {
  BY_POLICY,
  type FeatureAge,
  type FeatureKey,
  type FeaturesStore,
  type PolicyLook,
  type Progress,
  type StateRow,
  type TracedRow,
} from './store.ts'

export interface MemoryFeatures extends FeaturesStore {
  readonly standings: MemoryStandings
}

/** Features in this process; gone when it ends. */
export function createMemoryFeaturesStore(): MemoryFeatures {
  const kept = new Kept()
  return { standings: kept.standings, ...servingOf(kept), ...stepsOf(kept), ...holdingOf(kept) }
}

/** What is kept, by person and feature. */
class Kept {
  readonly standings = createMemoryStandings()
  readonly rows = new Map<string, TracedRow>()
  readonly states = new Map<string, StateRow>()

  isAlive(row: TracedRow | StateRow, now: number): boolean {
    return this.rests(row, now) && !this.standings.isBlocked(row.pid)
  }

  rests(row: TracedRow | StateRow, now: number): boolean {
    const revision = 'state' in row ? row.state.revision : row.consentRevision
    return this.standings.isAlive({ ...row, revision }, now)
  }

  /** What was kept to go on from is not kept on: while a yes waits, events go by it. */
  stays(row: TracedRow | StateRow, now: number): boolean {
    if ('state' in row) return this.rests(row, now)
    return this.standings.isKept({ ...row, revision: row.consentRevision }, now)
  }

  living(keys: readonly FeatureKey[], now: number): TracedRow[] {
    return [...new Map(keys.map((key) => [nameOf(key), key]))].flatMap(([name, { scope }]) => {
      const row = this.rows.get(name)
      return row?.scope === scope && row.expiresAt > now && this.isAlive(row, now) ? [row] : []
    })
  }

  write(added: readonly TracedRow[], now: number): number {
    const taken = added.filter((row) => this.isAlive(row, now))
    for (const row of taken) this.rows.set(nameOf(row), row)
    return taken.length
  }

  remove(isGone: (row: TracedRow | StateRow) => boolean): number {
    const gone = [...this.rows, ...this.states].filter(([, row]) => isGone(row))
    for (const [name, row] of gone) ('state' in row ? this.states : this.rows).delete(name)
    return gone.length
  }
}

const servingOf = (kept: Kept): Pick<FeaturesStore, 'read' | 'trace' | 'write' | 'purge' | 'ages'> => ({
  read: async (asked, now) =>
    asked.map(({ pid, features }) => features.map((one) => kept.living([{ ...one, pid }], now)[0]?.value)),
  trace: async (keys, now) => kept.living(keys, now),
  write: async (added, now) => kept.write(added, now),
  async purge(now) {
    const gone = [...kept.rows].filter(([, { expiresAt }]) => expiresAt <= now)
    for (const [name] of gone) kept.rows.delete(name)
    return gone.length
  },
  ages: async (now) =>
    agesOf(
      [...kept.rows.values()].filter((row) => row.expiresAt > now && kept.isAlive(row, now)),
      now,
    ),
})

type Steps = Pick<
  FeaturesStore,
  'progress' | 'states' | 'commit' | 'due' | 'grantedAfter' | 'byPolicy' | 'policyLook' | 'looked'
>

function stepsOf(kept: Kept): Steps {
  let progress: Progress = { position: '0', asOf: 0, revision: '0' }
  let look: PolicyLook = { policy: null, upTo: null }
  return {
    progress: async () => progress,
    states: async (keys, now) =>
      [...new Set(keys.map(nameOf))].flatMap((name) => {
        const row = kept.states.get(name)
        return row && kept.isAlive(row, now) ? [row] : []
      }),
    async commit(step) {
      if (!isSame(progress, step.after)) return false
      progress = step.progress
      for (const row of step.states) if (kept.isAlive(row, step.now)) kept.states.set(nameOf(row), row)
      for (const key of step.empty) kept.rows.delete(nameOf(key))
      kept.write(step.rows, step.now)
      return true
    },
    due: async (now, limit) =>
      [...kept.rows.values()]
        .filter((row) => row.dueAt !== null && row.dueAt <= now && kept.isAlive(row, now))
        .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
        .slice(0, limit)
        .map(({ pid, scope, feature }) => ({ pid, scope, feature })),
    async grantedAfter(revision, limit) {
      const all = await kept.standings.ofPeople(await kept.standings.people(null, Infinity))
      const granted = all
        .filter((one) => one.granted && BigInt(one.revision) > BigInt(revision))
        .toSorted((a, b) => Number(BigInt(a.revision) - BigInt(b.revision)))
      const last = BigInt(granted.slice(0, limit).at(-1)?.revision ?? '0')
      return granted
        .filter((one) => BigInt(one.revision) <= last)
        .map(({ pid, scope, revision: at }) => ({ pid, scope, revision: at }))
    },
    async byPolicy(after, limit) {
      const all = await kept.standings.ofPeople(await kept.standings.people(after, Infinity))
      const keyOf = ({ pid, scope }: { pid: string; scope: string }): string => JSON.stringify([pid, scope])
      const hasState = new Set([...kept.states.values()].map(keyOf))
      const hasWaited = new Set([...kept.rows.values()].map(keyOf).filter((key) => !hasState.has(key)))
      const granted = all.filter(
        (one) => one.granted && (one.receipt?.startsWith(BY_POLICY) || hasWaited.has(keyOf(one))),
      )
      return [...new Set(granted.map(({ pid }) => pid))].toSorted().slice(0, limit)
    },
    policyLook: async () => look,
    async looked(now) {
      look = now
    },
  }
}

type Holding = Pick<FeaturesStore, 'purgeDead' | 'vacuum' | 'copyPids' | 'forgetPids'>

const holdingOf = (kept: Kept): Holding => ({
  async purgeDead(now, pids) {
    const asked = pids && new Set(pids)
    const isDead = (row: TracedRow | StateRow): boolean =>
      !kept.stays(row, now) || kept.standings.isErased(row.pid)
    return kept.remove((row) => (asked?.has(row.pid) ?? true) && isDead(row))
  },
  vacuum: async () => {},
  async copyPids(renamed) {
    const to = new Map(renamed.map((each) => [each.from, each.to]))
    copyTo(kept.rows, to)
    copyTo(kept.states, to)
    await kept.standings.copyPids(renamed)
  },
  async forgetPids(pids) {
    const gone = new Set(pids)
    kept.remove(({ pid }) => gone.has(pid))
    await kept.standings.forgetPids(pids)
  },
})

function copyTo<T extends FeatureKey>(kept: Map<string, T>, to: ReadonlyMap<string, string>): void {
  const copies = [...kept.values()].map((row) => ({ ...row, pid: to.get(row.pid) ?? row.pid }))
  for (const copy of copies) if (!kept.has(nameOf(copy))) kept.set(nameOf(copy), copy)
}

const isSame = (one: Progress, other: Progress): boolean =>
  one.position === other.position && one.asOf === other.asOf && one.revision === other.revision

function agesOf(rows: readonly TracedRow[], now: number): FeatureAge[] {
  const ages = new Map<string, FeatureAge>()
  for (const { feature, dueAt } of rows) {
    const known = ages.get(feature)
    const due = dueAt !== null && dueAt <= now ? dueAt : null
    const since = due === null ? (known?.dueSince ?? null) : Math.min(due, known?.dueSince ?? due)
    ages.set(feature, { feature, values: (known?.values ?? 0) + 1, dueSince: since })
  }
  return [...ages.values()].toSorted((a, b) => (a.feature < b.feature ? -1 : 1))
}

const nameOf = ({ pid, feature }: Pick<FeatureKey, 'pid' | 'feature'>): string =>
  JSON.stringify([pid, feature])
