import { mkdirSync } from 'node:fs'
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
import { loadGraph } from './load-graph.ts'
import { madeUpRecords, pidAt } from './made-up-records.ts'

export interface IdentityBenchOptions {
  readonly directory: string
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
  readonly loadSeconds: number
  readonly rssMb: number
  readonly load: number
}

/** How long it takes to say who a pid is, and why two records are one person, in graphs of a million records. */
export async function benchIdentity(options: IdentityBenchOptions): Promise<string> {
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(STORES))
    if (options.only?.includes(name) ?? true)
      // oxlint-disable-next-line no-await-in-loop -- one store at a time
      rows.push(...(await measure(options)))
  return table(rows)
}

async function onPostgres(options: IdentityBenchOptions): Promise<readonly Row[]> {
  const { url, stop } = await startPostgres(options.progress, { sharedBuffers: '2GB' })
  try {
    const engine = await connectPostgres(url)
    try {
      return await onEngine('PostgreSQL 16', engine, options)
    } finally {
      await engine.close()
    }
  } finally {
    await stop()
  }
}

async function onPglite(options: IdentityBenchOptions): Promise<readonly Row[]> {
  const dataDir = join(options.directory, 'pglite')
  mkdirSync(dataDir, { recursive: true })
  const engine = await openPglite({ dataDir })
  try {
    return await onEngine('PGlite', engine, { ...options, records: options.pgliteRecords })
  } finally {
    await engine.close()
  }
}

async function onEngine(
  name: string,
  engine: Engine,
  options: IdentityBenchOptions,
): Promise<readonly Row[]> {
  await migrate(engine, [identityMigration])
  const store = createSqlIdentityStore(engine.database(identityMigration))
  return measured(name, store, { ...options, afterLoad: () => sql`analyze`.execute(engine.admin) })
}

async function onNeo4j(options: IdentityBenchOptions): Promise<readonly Row[]> {
  const { url, user, password, stop } = await startNeo4j(options.progress, { heap: '2g', pageCache: '2g' })
  try {
    const store = await createNeo4jIdentityStore({ url, user, password })
    try {
      return await measured('Neo4j 5.26', store, { ...options, afterLoad: async () => {} })
    } finally {
      await store.close()
    }
  } finally {
    await stop()
  }
}

async function measured(
  name: string,
  store: IdentityStore,
  {
    records,
    questions,
    progress,
    afterLoad,
  }: IdentityBenchOptions & { readonly afterLoad: () => Promise<unknown> },
): Promise<readonly Row[]> {
  const begun = performance.now()
  await loadGraph(store, records, (loaded) => {
    if (loaded % 50_000 === 0)
      progress(`${name}: ${loaded.toLocaleString('en')} of ${records.toLocaleString('en')} records`)
  })
  await afterLoad()
  const loadSeconds = (performance.now() - begun) / 1000
  const pairs = pairsOf(records, questions)
  const asked = {
    'who a pid is': ([one]: Pair) => store.look((graph) => graph.members([pidAt(one)])),
    'what their records say': ([one]: Pair) => store.records([pidAt(one)]),
    'why two records are one person': ([one, other]: Pair) =>
      store.look((graph) => whySamePerson(graph, { a: pidAt(one), b: pidAt(other), asOf: null })),
  }
  const rows: Row[] = []
  for (const [question, ask] of Object.entries(asked)) {
    // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
    const milliseconds = await timesOf(pairs, ask)
    const rssMb = process.memoryUsage.rss() / 1e6
    rows.push({ store: name, records, question, milliseconds, loadSeconds, rssMb, load: loadavg()[0] ?? 0 })
    progress(`${name}, ${question}: p50 ${at(milliseconds, 0.5)} ms, p99 ${at(milliseconds, 0.99)} ms`)
  }
  return rows
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
  // In an order that no cache has seen, after some to warm up with.
  const shuffled = pairs.map((pair, index) => ({ pair, key: (index * 7919) % pairs.length }))
  const inOrder = shuffled.toSorted((one, other) => one.key - other.key).map(({ pair }) => pair)
  for (const pair of inOrder.slice(0, WARM)) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time is what is measured
    await ask(pair)
  }
  const times: number[] = []
  for (const pair of inOrder) {
    const begun = performance.now()
    // oxlint-disable-next-line no-await-in-loop
    await ask(pair)
    times.push(performance.now() - begun)
  }
  return times.toSorted((one, other) => one - other)
}

const WARM = 1000

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2)

const table = (rows: readonly Row[]): string => {
  const lines = rows.map(({ store, records, question, milliseconds, loadSeconds, rssMb, load }) =>
    [
      store,
      records.toLocaleString('en'),
      question,
      milliseconds.length.toLocaleString('en'),
      ...[0.5, 0.99, 0.999].map((part) => at(milliseconds, part)),
      loadSeconds.toFixed(0),
      rssMb.toFixed(0),
      load.toFixed(1),
    ].join(' | '),
  )
  return `One question at a time, people of one to five records and some of two hundred, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.

| store | records | question | asked | p50 ms | p99 ms | p999 ms | loaded in s | RSS of the loader, MB | load of the machine |
|---|---:|---|---:|---:|---:|---:|---:|---:|---:|
${lines.map((line) => `| ${line} |`).join('\n')}`
}
