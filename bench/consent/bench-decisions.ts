import { randomBytes } from 'node:crypto'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { DECIDING_FLAGS } from '../../subgraphs/deciding-flags.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'
import { useOfTree } from '../process-tree.ts'
import { sourceProgram, startProgram } from '../start-program.ts'
import { fillPglite, fillPostgres } from './consent-database.ts'
import { subjectAt } from './load-consents.ts'
import { ASKED, type Latencies, measureDecisions, type Pids, type Way } from './measure-decisions.ts'

export interface DecisionsOptions {
  /** Empty; keys and embedded files go here. */
  readonly directory: string
  readonly subjects: number
  readonly pgliteSubjects: number
  readonly seconds: number
  readonly warm: number
  /** A server of somebody else's, filled already or empty, in place of one of our own; its keys lie in `directory`. */
  readonly postgresUrl?: string
  readonly progress: (line: string) => void
}

/** What a decision about a hundred people costs who asks for it, on PostgreSQL and on PGlite, as a Markdown table. */
export const benchDecisions = async (options: DecisionsOptions): Promise<string> => {
  const onPostgres = await withPostgres(options, async (url) => {
    await fillPostgres(url, inDirectory(options, 'postgres', options.subjects))
    return measured(options, { name: 'PostgreSQL 16', subjects: options.subjects, url })
  })
  const embedded = inDirectory(options, 'pglite', options.pgliteSubjects)
  await fillPglite(embedded)
  const onPglite = await measured(options, {
    name: 'PGlite',
    subjects: options.pgliteSubjects,
    directory: embedded.directory,
  })
  return table([...onPostgres, ...onPglite])
}

const inDirectory = (
  { directory, progress }: DecisionsOptions,
  name: string,
  subjects: number,
): Parameters<typeof fillPglite>[0] => {
  const own = join(directory, name)
  mkdirSync(own, { recursive: true })
  return { directory: own, subjects, progress: (line) => progress(`${name}: ${line}`) }
}

/** A quarter of the memory of a machine of 8 GB, as PostgreSQL's manual advises. */
const SHARED_BUFFERS = '2GB'

/** A server of our own is gone with all it held, however the bench ends. */
const withPostgres = async <T>(
  { postgresUrl, progress }: DecisionsOptions,
  work: (url: string) => Promise<T>,
): Promise<T> => {
  if (postgresUrl !== undefined) return work(postgresUrl)
  const { url, stop } = await startPostgres(progress, { sharedBuffers: SHARED_BUFFERS })
  try {
    return await work(url)
  } finally {
    await stop()
  }
}

interface Store {
  readonly name: string
  readonly subjects: number
  readonly url?: string
  readonly directory?: string
}

interface Row extends Latencies {
  readonly store: Store
  readonly way: Way
  readonly atOnce: number
  /** Of the service, a decision. */
  readonly cpu: number
  readonly load: number
}

const measured = async (
  { directory, seconds, warm, progress }: DecisionsOptions,
  store: Store,
): Promise<readonly Row[]> => {
  const secret = randomBytes(32).toString('hex')
  const service = await startProgram({
    args: [...DECIDING_FLAGS, ...sourceProgram('consent-service')],
    core: null,
    env: {
      BENCH_DIRECTORY: store.directory ?? directory,
      BENCH_GRANT_KEY: subgraphKey(secret, 'consent'),
      ...(store.url !== undefined && { BENCH_POSTGRES_URL: store.url }),
    },
  })
  const pids = pidsOf(store.subjects)
  try {
    const rows: Row[] = []
    for (const way of ['lean protocol', 'GraphQL'] as const)
      for (const atOnce of [1, 4]) {
        const job = {
          url: service.url,
          secret,
          pids,
          way,
          atOnce,
          warmSeconds: warm,
          seconds,
        }
        const { cpuMs: before } = useOfTree(service.pid)
        // eslint-disable-next-line no-await-in-loop -- one measurement at a time
        const latencies = await measureDecisions(job)
        const cpu = (useOfTree(service.pid).cpuMs - before) / latencies.all
        rows.push({ ...latencies, store, way, atOnce, cpu, load: loadavg()[0] ?? 0 })
        progress(
          `${store.name}, ${way}, ${atOnce} at once: p50 ${latencies.p50.toFixed(2)} ms, p99 ${latencies.p99.toFixed(2)} ms`,
        )
      }
    return rows
  } finally {
    await service.stop()
  }
}

/** In one block: a million strings would be looked through by every collection of garbage. */
const pidsOf = (count: number): Pids => {
  const length = subjectAt(0).length
  const block = Buffer.alloc(count * length)
  for (let person = 0; person < count; person++) block.write(subjectAt(person), person * length, 'latin1')
  return { count, at: (person) => block.toString('latin1', person * length, (person + 1) * length) }
}

const table = (rows: readonly Row[]): string => {
  const lines = rows.map(({ store, way, atOnce, decisions, cpu, p10, p50, p99, p999, load }) =>
    [
      store.name,
      store.subjects.toLocaleString('en'),
      way,
      atOnce,
      decisions,
      ...[cpu, p10, p50, p99, p999].map((ms) => ms.toFixed(2)),
      load.toFixed(1),
    ].join(' | '),
  )
  return `Decisions about ${ASKED} people at random each, three receipts a person, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.

| store | people | asked by | at once | decisions | CPU ms of the service | p10 ms | p50 ms | p99 ms | p999 ms | load of the machine |
|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|
${lines.map((line) => `| ${line} |`).join('\n')}
`
}
