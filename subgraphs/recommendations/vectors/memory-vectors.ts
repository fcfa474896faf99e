import { randomUUID } from 'node:crypto'
import type { RenamedPid } from '../../pid-holder.ts'
import { createMemoryStandings, type MemoryStandings } from '../../standing/memory-standings.ts'
import { chooseTogether, type GivenResult, windowOf } from './chosen-to-hand-out.ts'
import { eligibility, exactSearch } from './exact-search.ts'
import type {
  HandedOut,
  Handing,
  ItemVector,
  PersonVector,
  RetrievalLine,
  VectorModel,
  VectorStore,
} from './vector-store.ts'

export interface MemoryVectors extends VectorStore {
  readonly standings: MemoryStandings
}

/** Vectors in this process; gone when it ends, and so not sealed. */
export function createMemoryVectors(): MemoryVectors {
  const kept = new Kept()
  return {
    standings: kept.standings,
    model: async (name) => kept.models.get(name) ?? null,
    async publish(model, items) {
      if (kept.models.has(model.name)) return false
      kept.models.set(model.name, model)
      kept.items.set(model.name, [...items])
      kept.used.set(model.name, Date.now())
      return true
    },
    async noteUse(name, now) {
      kept.used.set(name, Math.max(now, kept.used.get(name) ?? now))
    },
    unusedSince: async (moment) =>
      [...kept.models.keys()].filter((name) => (kept.used.get(name) ?? 0) < moment).toSorted(),
    async retire(name) {
      kept.models.delete(name)
      kept.items.delete(name)
      kept.removePeople((row) => row.model === name)
    },
    put: async (rows, now) => rows.filter((row) => kept.put(row, now)).length,
    index: async () => {},
    async items({ model, vector, k, eligible }) {
      const may = eligibility(eligible)
      const candidates = (kept.items.get(model.name) ?? [])
        .filter(({ item }) => may(item))
        .map((row) => ({ id: row.item, vector: row.vector }))
      return exactSearch(candidates, vector, k)
    },
    async people({ model, scope, vector, k, eligible, now }) {
      const may = eligibility(eligible)
      const candidates = [...kept.people.values()]
        .filter((row) => row.model === model.name && row.scope === scope && may(row.pid))
        .filter((row) => kept.isAlive(row, now))
        .map((row) => ({ id: row.pid, vector: row.vector }))
      return exactSearch(candidates, vector, k)
    },
    ...handing(kept),
    ...holding(kept),
  }
}

/** The counts alone, in this process. */
export const createMemoryHandedOut = (): HandedOut => handing(new Kept())

class Kept {
  readonly standings = createMemoryStandings()
  readonly models = new Map<string, VectorModel>()
  /** When somebody served a model last. */
  readonly used = new Map<string, number>()
  readonly items = new Map<string, ItemVector[]>()
  readonly people = new Map<string, PersonVector>()
  readonly drawn = new Set<string>()
  /** By everything of it but when. */
  given = new Map<string, GivenResult>()
  /** Pids that people had before, with the one they are counted under. */
  readonly newest = new Map<string, string>()
  searches: { readonly who: string; readonly at: number }[] = []
  lines: RetrievalLine[] = []

  isAlive(row: PersonVector, now: number): boolean {
    return (
      this.standings.isAlive({ ...row, revision: row.consentRevision }, now) &&
      !this.standings.isBlocked(row.pid)
    )
  }

  put(row: PersonVector, now: number): boolean {
    const key = keyOf(row)
    if (!this.models.has(row.model) || this.drawn.has(key) || !this.isAlive(row, now)) return false
    this.drawn.add(key)
    this.people.set(key, row)
    return true
  }

  removePeople(isGone: (row: PersonVector) => boolean): number {
    const gone = [...this.people].filter(([, row]) => isGone(row))
    for (const [key] of gone) this.people.delete(key)
    return gone.length
  }

  give(one: GivenResult): void {
    const { client, purpose, countedFor, among, result } = one
    const key = JSON.stringify([client, purpose, countedFor, among, result])
    const before = this.given.get(key)
    if (before === undefined || before.at < one.at) this.given.set(key, one)
  }

  /** What is counted for people is counted under their newest pids. */
  countAs(renamed: readonly RenamedPid[]): void {
    for (const { from, to } of renamed) {
      for (const [elder, newest] of this.newest) if (newest === from) this.newest.set(elder, to)
      this.newest.set(from, this.newest.get(to) ?? to)
    }
    for (const [key, one] of this.given) {
      const countedFor = newestOf(this, one.countedFor)
      if (countedFor !== one.countedFor) this.given.delete(key)
      this.give({ ...one, countedFor })
      if (one.among === 'people')
        this.give({ ...one, result: renamed.find(({ from }) => from === one.result)?.to ?? one.result })
    }
    this.lines = this.lines.map((line) => ({ ...line, about: newestOf(this, line.about) }))
  }

  /** That somebody was handed out still counts; who it was is not known any more. */
  forget(pids: ReadonlySet<string>): number {
    const isOf = (...names: readonly (string | null)[]): boolean =>
      names.some((name) => name !== null && pids.has(name))
    const drawn = [...this.drawn].filter((one) => isOf(JSON.parse(one)[1]))
    const renamed = [...this.newest].filter((both) => isOf(...both))
    const rows = [...this.given.values()].filter(
      ({ among, countedFor, result }) => isOf(countedFor) || (among === 'people' && isOf(result)),
    )
    const lines = this.lines.filter(({ about }) => isOf(about))
    for (const one of drawn) this.drawn.delete(one)
    for (const [from] of renamed) this.newest.delete(from)
    const known = [...this.given.values()]
    this.given.clear()
    for (const one of known) {
      const { among, countedFor, result } = one
      this.give({
        ...one,
        result: among === 'people' && pids.has(result) ? `gone ${randomUUID()}` : result,
        countedFor: countedFor !== null && pids.has(countedFor) ? `gone ${randomUUID()}` : countedFor,
      })
    }
    this.lines = this.lines.map((line) =>
      line.about !== null && pids.has(line.about) ? { ...line, about: null } : line,
    )
    return drawn.length + renamed.length + rows.length + lines.length
  }
}

const handing = (kept: Kept): HandedOut => ({
  async admit({ client, purpose, searches, most, windowMs, now }) {
    const who = JSON.stringify([client, purpose])
    const window = Math.floor(now / windowMs) * windowMs
    kept.searches = kept.searches.filter(({ at }) => at >= window)
    const before = kept.searches.filter((one) => one.who === who).length
    if (before > most) return 'still full'
    for (let n = 0; n < searches; n += 1) kept.searches.push({ who, at: now })
    return before + searches > most ? 'full' : 'admitted'
  },
  async handOut(handings) {
    const counted = handings.map((each) => ({ ...each, countedFor: newestOf(kept, each.countedFor) }))
    const lists = chooseTogether(counted, alreadyIn(kept, counted))
    for (const { line, given } of lists) {
      for (const one of given) kept.give(one)
      kept.lines.push(line)
    }
    return lists.map(({ chosen }) => chosen)
  },
  async note(line) {
    kept.lines.push(line)
  },
  retrievals: async (limit) => kept.lines.toReversed().slice(0, limit),
})

const newestOf = ({ newest }: Kept, pid: string | null): string | null =>
  pid === null ? null : (newest.get(pid) ?? pid)

function alreadyIn(kept: Kept, handings: readonly Handing[]): Map<string, ReadonlySet<string>> {
  const already = new Map<string, ReadonlySet<string>>()
  for (const each of handings) {
    const { line, countedFor, windowMs } = each
    for (const [key, { at }] of kept.given) if (at <= line.at - windowMs) kept.given.delete(key)
    const theirs = [...kept.given.values()].filter(
      (one) =>
        one.client === line.client &&
        one.purpose === line.purpose &&
        one.countedFor === countedFor &&
        one.among === line.among,
    )
    already.set(windowOf(each), new Set(theirs.map(({ result }) => result)))
  }
  return already
}

type Holding = Pick<VectorStore, 'purgeDead' | 'vacuum' | 'copyPids' | 'forgetPids'>

const holding = (kept: Kept): Holding => ({
  async purgeDead(now, pids) {
    const asked = pids && new Set(pids)
    const isAsked = (pid: string): boolean => asked?.has(pid) ?? true
    const { standings } = kept
    const isErased = (pid: string): boolean => isAsked(pid) && standings.isErased(pid)
    const named = [...kept.drawn].map((drawn) => JSON.parse(drawn)[1] as string)
    const told = [...kept.given.values()].flatMap(({ countedFor, result }) =>
      countedFor === null ? [result] : [result, countedFor],
    )
    const erased = [
      ...named,
      ...told,
      ...[...kept.newest].flat(),
      ...kept.lines.flatMap(({ about }) => about ?? []),
    ].filter(isErased)
    const gone = kept.removePeople(
      (row) =>
        isAsked(row.pid) &&
        (!standings.isKept({ ...row, revision: row.consentRevision }, now) || standings.isErased(row.pid)),
    )
    return gone + kept.forget(new Set(erased))
  },
  vacuum: async () => {},
  async copyPids(renamed) {
    const to = new Map(renamed.map((each) => [each.from, each.to]))
    for (const row of kept.people.values()) {
      const copy = { ...row, pid: to.get(row.pid) ?? row.pid }
      if (!kept.drawn.has(keyOf(copy))) kept.people.set(keyOf(copy), copy)
    }
    for (const drawn of kept.drawn) {
      const [model, pid] = JSON.parse(drawn) as [string, string]
      kept.drawn.add(keyOf({ model, pid: to.get(pid) ?? pid }))
    }
    kept.countAs(renamed)
    await kept.standings.copyPids(renamed)
  },
  async forgetPids(pids) {
    const gone = new Set(pids)
    kept.removePeople(({ pid }) => gone.has(pid))
    kept.forget(gone)
    await kept.standings.forgetPids(pids)
  },
})

const keyOf = ({ model, pid }: Pick<PersonVector, 'model' | 'pid'>): string => JSON.stringify([model, pid])
