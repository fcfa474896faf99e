import { randomUUID } from 'node:crypto'
import { createMemoryStandings, type MemoryStandings } from '../../standing/memory-standings.ts'
import { chooseTogether, outcomeOf, type Window, windowOf } from './chosen-to-hand-out.ts'
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
      return true
    },
    async retire(name) {
      kept.models.delete(name)
      kept.items.delete(name)
      kept.removePeople((row) => row.model === name)
      for (const drawn of kept.drawn) if (JSON.parse(drawn)[0] === name) kept.drawn.delete(drawn)
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

interface Given {
  readonly among: RetrievalLine['among']
  readonly client: string
  readonly purpose: string
  about: string | null
  result: string
  /** When the window opened in which it was given. */
  readonly at: number
}

class Kept {
  readonly standings = createMemoryStandings()
  readonly models = new Map<string, VectorModel>()
  readonly items = new Map<string, ItemVector[]>()
  readonly people = new Map<string, PersonVector>()
  readonly drawn = new Set<string>()
  given: Given[] = []
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

  /** That somebody was handed out still counts; who it was is not known any more. */
  forget(pids: ReadonlySet<string>): void {
    for (const drawn of this.drawn) if (pids.has(JSON.parse(drawn)[1])) this.drawn.delete(drawn)
    for (const given of this.given) {
      if (given.among === 'people' && pids.has(given.result)) given.result = `gone ${randomUUID()}`
      if (given.about !== null && pids.has(given.about)) given.about = `gone ${randomUUID()}`
    }
    this.lines = this.lines.map((line) =>
      line.about !== null && pids.has(line.about) ? { ...line, about: null } : line,
    )
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
    const lists = chooseTogether(handings, windowsOf(kept, handings))
    for (const [place, { line, countedFor: about, found }] of handings.entries()) {
      const { chosen = [], fresh = [], opened = line.at } = lists[place] ?? {}
      const { client, purpose, among } = line
      for (const result of fresh) kept.given.push({ client, purpose, about, among, result, at: opened })
      kept.lines.push({ ...line, given: chosen.length, outcome: outcomeOf(found, chosen) })
    }
    return lists.map(({ chosen }) => chosen)
  },
  async note(line) {
    kept.lines.push(line)
  },
  retrievals: async (limit) => kept.lines.toReversed().slice(0, limit),
})

function windowsOf(kept: Kept, handings: readonly Handing[]): Map<string, Window> {
  const windows = new Map<string, Window>()
  for (const each of handings) {
    const { line, countedFor, windowMs } = each
    kept.given = kept.given.filter((one) => one.at > line.at - windowMs)
    const theirs = kept.given.filter(
      (one) =>
        one.client === line.client &&
        one.purpose === line.purpose &&
        one.about === countedFor &&
        one.among === line.among,
    )
    if (theirs.length === 0) continue
    const opened = Math.min(...theirs.map(({ at }) => at))
    windows.set(windowOf(each), { opened, given: new Set(theirs.map(({ result }) => result)) })
  }
  return windows
}

type Holding = Pick<VectorStore, 'purgeDead' | 'vacuum' | 'copyPids' | 'forgetPids'>

const holding = (kept: Kept): Holding => ({
  async purgeDead(now, pids) {
    const asked = pids && new Set(pids)
    const isAsked = (pid: string): boolean => asked?.has(pid) ?? true
    const { standings } = kept
    const isErased = (pid: string): boolean => isAsked(pid) && standings.isErased(pid)
    const named = [...kept.drawn].map((drawn) => JSON.parse(drawn)[1] as string)
    const told = kept.given.flatMap(({ about, result }) => [result, ...(about === null ? [] : [about])])
    const erased = [...named, ...told, ...kept.lines.flatMap(({ about }) => about ?? [])].filter(isErased)
    const gone = kept.removePeople(
      (row) =>
        isAsked(row.pid) &&
        (!standings.isAlive({ ...row, revision: row.consentRevision }, now) || standings.isErased(row.pid)),
    )
    kept.forget(new Set(erased))
    return gone
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
    kept.given = kept.given.flatMap((given) => {
      const about = given.about === null ? null : (to.get(given.about) ?? given.about)
      const result = given.among === 'people' ? (to.get(given.result) ?? given.result) : given.result
      const copy = { ...given, about, result }
      return about === given.about && result === given.result ? [given] : [given, copy]
    })
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
