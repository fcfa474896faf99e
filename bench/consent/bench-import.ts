import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { randomUUID } from 'node:crypto'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { keptReceiptSecrets } from '../../subgraphs/consent/receipts/kept-receipt-secrets.ts'
import { createReceiptKeys } from '../../subgraphs/consent/receipts/receipt-keys.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { connectPostgres, migrate } from '../../subgraphs/database.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'
import { useOfTree } from '../process-tree.ts'
import { startProgram } from '../start-program.ts'
import { subjectAt } from './load-consents.ts'

export interface ImportBenchOptions {
  /** Empty; the file, its outcome and the keys go here. */
  readonly directory: string
  readonly rows: number
  readonly progress: (line: string) => void
}

/** However long the file is. */
const MOST_RSS_MIB = 400

/** An import into PostgreSQL by the command line, and what a withdrawal waits beside it, as a Markdown table. */
export const benchImport = async (options: ImportBenchOptions): Promise<string> => {
  const { url, stop } = await startPostgres(options.progress)
  try {
    return await measured(url, options)
  } finally {
    await stop()
  }
}

const measured = async (url: string, { directory, rows, progress }: ImportBenchOptions): Promise<string> => {
  const engine = await connectPostgres(url)
  await migrate(engine, [consentMigration])
  const keys = createReceiptKeys(keptReceiptSecrets(directory))
  const store = createSqlConsentStore(engine.database(consentMigration), keys)
  const withdraw = async (): Promise<number> => {
    const begun = performance.now()
    const statement = {
      pid: randomUUID(),
      scopes: ['analytics'],
      source: 'bench',
      status: 'withdrawn',
    } as const
    await writeReceipts(store, statement, { vocabulary: standardVocabulary, now: Date.now() })
    await pause(20)
    return performance.now() - begun - 20
  }
  const alone: number[] = []
  for (let count = 0; count < 300; count++) alone.push(await withdraw())
  const file = join(directory, 'consents.csv')
  await pipeline(Readable.from(csvOf(rows)), createWriteStream(file))
  const begun = performance.now()
  const program = await startImport(file, url, directory)
  const beside: number[] = []
  let peak = 0
  const ended = new Promise<number | null>((resolve) => program.child.once('exit', resolve))
  program.died.catch(() => undefined)
  while (program.child.exitCode === null) {
    beside.push(await withdraw())
    peak = Math.max(peak, useOfTree(program.pid).rssMiB)
    if (beside.length % 200 === 0) progress(`importing; RSS at most ${Math.round(peak)} MiB`)
  }
  const seconds = (performance.now() - begun) / 1000
  await engine.close()
  if ((await ended) !== 0) throw new Error('the import failed')
  if (peak > MOST_RSS_MIB) throw new Error(`the import took ${Math.round(peak)} MiB`)
  const row = [
    rows.toLocaleString('en'),
    Math.round(rows / seconds),
    Math.round(peak),
    ...spread(alone),
    ...spread(beside),
  ]
  return `| rows | rows/s | RSS at most, MiB | a withdrawal alone, p50 ms | p99 ms | beside the import, p50 ms | p99 ms |
|---:|---:|---:|---:|---:|---:|---:|
| ${row.join(' | ')} |
`
}

const startImport = (file: string, url: string, directory: string) =>
  startProgram({
    args: [
      fileURLToPath(new URL('../../bin/assent.js', import.meta.url)),
      'consent',
      'import',
      file,
      '--data',
      directory,
    ],
    core: 0,
    env: { ASSENT_STORES_POSTGRES_URL: url },
    listens: false,
  })

function* csvOf(rows: number): Generator<string> {
  yield 'subject,scope,status,at,region,surface,controller\n'
  for (let row = 0; row < rows; row++)
    yield `${subjectAt(row)},analytics,given,2026-01-01T00:00:00Z,DE,/welcome,"North Shops, AB"\n`
}

const spread = (latencies: number[]): string[] => {
  latencies.sort((a, b) => a - b)
  return [0.5, 0.99].map((part) => (latencies[Math.floor(latencies.length * part)] ?? Number.NaN).toFixed(1))
}
