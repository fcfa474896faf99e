import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { connectPostgres, type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { whySamePerson } from '../../subgraphs/identity/graph/why-same-person.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { createNeo4jIdentityStore } from '../../subgraphs/identity/neo4j-store.ts'
import { createSqlIdentityStore } from '../../subgraphs/identity/sql-store.ts'
import type { IdentityStore } from '../../subgraphs/identity/store.ts'
import { startNeo4j } from '../../test/support/services/neo4j.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'
import { useOfTree } from '../process-tree.ts'
import { loadGraph } from './load-graph.ts'
import { madeUpRecords, pidAt } from './made-up-records.ts'

export interface IdentityBenchOptions {
  /** Where the stores lie. */
  readonly directory: string
  /** Whether the stores stay there when all is measured; the next run goes on with what is in them. */
  readonly isKept: boolean
  readonly records: number
  readonly pgliteRecords: number
  readonly questions: number
  /** Names of stores, in lower case; default: all. */
  readonly only?: readonly string[]
  readonly progress: (line: string) => void
}

interface Row {
  readonly store: string
  readonly records: number
  readonly question: string
  readonly milliseconds: readonly number[]
  /** Of the store and of who asks, in milliseconds a question. */
  readonly cpuMs: number
  readonly load: number
}

/** How a store was filled; of one that was kept, when it was. */
interface Filling {
  readonly seconds: number
  /** The most that the process which filled it held. */
  readonly loaderMb: number
  /** What the store held when it was full. */
  readonly storeMb: number
}

interface Measured {
  readonly rows: readonly Row[]
  readonly fillings: readonly (Filling & { readonly store: string; readonly records: number })[]
}

/** How long it takes to say who a pid is, and why two records are one person, in graphs of a million records. */
export async function benchIdentity(options: IdentityBenchOptions): Promise<string> {
  const all: Measured[] = []
  for (const [name, measure] of Object.entries(STORES))
    if (options.only?.includes(name) ?? true)
      // oxlint-disable-next-line no-await-in-loop -- one store at a time
      all.push(await measure(options))
  return tables({
    rows: all.flatMap(({ rows }) => rows),
    fillings: all.flatMap(({ fillings }) => fillings),
  })
}

async function onPostgres(options: IdentityBenchOptions): Promise<Measured> {
  const kept = options.isKept ? { home: join(options.directory, 'postgresql') } : {}
  const { url, pid, stop } = await startPostgres(options.progress, { sharedBuffers: '2GB', ...kept })
  try {
    const engine = await connectPostgres(url)
    try {
      return await onEngine({ ...options, name: 'PostgreSQL 16', pid }, engine)
    } finally {
      await engine.close()
    }
  } finally {
    await stop()
  }
}

async function onPglite(options: IdentityBenchOptions): Promise<Measured> {
  const dataDir = join(options.directory, 'pglite')
  mkdirSync(dataDir, { recursive: true })
  const engine = await openPglite({ dataDir })
  try {
    return await onEngine({ ...options, name: 'PGlite', pid: null, records: options.pgliteRecords }, engine)
  } finally {
    await engine.close()
  }
}

async function onEngine(options: MeasureOptions, engine: Engine): Promise<Measured> {
  await migrate(engine, [identityMigration])
  const store = createSqlIdentityStore(engine.database(identityMigration))
  return measured(store, { ...options, afterLoad: () => sql`analyze`.execute(engine.admin) })
}

async function onNeo4j(options: IdentityBenchOptions): Promise<Measured> {
  const kept = options.isKept ? { home: join(options.directory, 'neo4j') } : {}
  const memory = { heap: '2g', pageCache: '2g' }
  const { url, user, password, pid, stop } = await startNeo4j(options.progress, { ...memory, ...kept })
  try {
    const store = await createNeo4jIdentityStore({ url, user, password })
    try {
      return await measured(store, { ...options, name: 'Neo4j 5.26', pid })
    } finally {
      await store.close()
    }
  } finally {
    await stop()
  }
}

interface MeasureOptions extends IdentityBenchOptions {
  readonly name: string
  /** Of the store's process; null: it is this one. */
  readonly pid: number | null
  readonly afterLoad?: () => Promise<unknown>
}

async function measured(store: IdentityStore, options: MeasureOptions): Promise<Measured> {
  const { name, records, questions, progress, pid } = options
  const filling = await filled(store, options)
  const pairs = pairsOf(records, questions)
  const asked = Object.entries({
    'who a pid is': ([one]: Pair) => store.look((graph) => graph.members([pidAt(one)])),
    'what their records say': ([one]: Pair) => store.records([pidAt(one)]),
    'why two records are one person': ([one, other]: Pair) =>
      store.look((graph) => whySamePerson(graph, { a: pidAt(one), b: pidAt(other), asOf: null })),
  })
  for (const [, ask] of asked)
    // oxlint-disable-next-line no-await-in-loop -- what is compiled while it runs is compiled first
    await timesOf(pairs.slice(0, WARM), ask)
  const rows: Row[] = []
  for (const [question, ask] of asked) {
    const before = cpuOf(pid)
    // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
    const milliseconds = await timesOf(pairs, ask)
    const cpuMs = (cpuOf(pid) - before) / milliseconds.length
    rows.push({ store: name, records, question, milliseconds, cpuMs, load: loadavg()[0] ?? 0 })
    progress(`${name}, ${question}: p50 ${at(milliseconds, 0.5)} ms, p99 ${at(milliseconds, 0.99)} ms`)
  }
  return { rows, fillings: [{ ...filling, store: name, records }] }
}

async function filled(
  store: IdentityStore,
  { name, records, progress, pid, directory, isKept, afterLoad }: MeasureOptions,
): Promise<Filling> {
  const begun = performance.now()
  let [loaded, loaderMb] = [0, 0]
  await loadGraph(store, records, (count) => {
    loaded = count
    loaderMb = Math.max(loaderMb, process.memoryUsage.rss() / 1e6)
    if (loaded % 50_000 === 0)
      progress(`${name}: ${loaded.toLocaleString('en')} of ${records.toLocaleString('en')} records`)
  })
  const file = join(directory, `${name}.json`)
  if (loaded === 0 && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Filling
  await afterLoad?.()
  const seconds = (performance.now() - begun) / 1000
  const storeMb = pid === null ? loaderMb : useOfTree(pid).rssMiB * 1.048576
  if (isKept) writeFileSync(file, JSON.stringify({ seconds, loaderMb, storeMb }))
  return { seconds, loaderMb, storeMb }
}

/** Of this process, and of the store's where it has one of its own. */
function cpuOf(pid: number | null): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + (pid === null ? 0 : useOfTree(pid).cpuMs)
}

const STORES = { postgresql: onPostgres, neo4j: onNeo4j, pglite: onPglite }

/** Indexes of two records of one person. */
type Pair = readonly [number, number]

/** Spread over the whole graph; whoever has one record only is asked about, too. */
function pairsOf(records: number, questions: number): readonly Pair[] {
  const firsts: Pair[] = []
  let first = 0
  for (const { record, joins } of madeUpRecords(0, records)) {
    const index = Number(record.recordId)
    if (joins === null) first = index
    else if (joins !== first || index % 2 === 0) firsts.push([first, index])
  }
  const step = Math.max(1, Math.floor(firsts.length / questions))
  return firsts.filter((_, index) => index % step === 0).slice(0, questions)
}

async function timesOf(
  pairs: readonly Pair[],
  ask: (pair: Pair) => Promise<unknown>,
): Promise<readonly number[]> {
  // In an order that no cache has seen.
  const shuffled = pairs.map((pair, index) => ({ pair, key: (index * 7919) % pairs.length }))
  const inOrder = shuffled.toSorted((one, other) => one.key - other.key).map(({ pair }) => pair)
  const times: number[] = []
  for (const pair of inOrder) {
    const begun = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one at a time is what is measured
    await ask(pair)
    times.push(performance.now() - begun)
  }
  return times.toSorted((one, other) => one - other)
}

/** Enough for a JVM to have compiled what answers. */
const WARM = 3000

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2)

const tables = ({ rows, fillings }: Measured): string => {
  const lines = rows.map(({ store, records, question, milliseconds, cpuMs, load }) =>
    [
      store,
      records.toLocaleString('en'),
      question,
      milliseconds.length.toLocaleString('en'),
      ...[0.1, 0.5, 0.99, 0.999].map((part) => at(milliseconds, part)),
      cpuMs.toFixed(2),
      load.toFixed(1),
    ].join(' | '),
  )
  const loads = fillings.map(({ store, records, seconds, loaderMb, storeMb }) =>
    [store, records.toLocaleString('en'), seconds.toFixed(0), loaderMb.toFixed(0), storeMb.toFixed(0)].join(
      ' | ',
    ),
  )
  return `One question at a time, people of one to five records and some of two hundred, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}. CPU is that of the store and of who asks, a question.

| store | records | question | asked | p10 ms | p50 ms | p99 ms | p999 ms | CPU ms | load of the machine |
|---|---:|---|---:|---:|---:|---:|---:|---:|---:|
${lines.map((line) => `| ${line} |`).join('\n')}

| store | records | filled in s | the loader held at most, MB | the store held when full, MB |
|---|---:|---:|---:|---:|
${loads.map((line) => `| ${line} |`).join('\n')}`
}
