import { join } from 'node:path'
import { sql } from 'kysely'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { keptReceiptSecrets } from '../../subgraphs/consent/receipts/kept-receipt-secrets.ts'
import { createReceiptKeys } from '../../subgraphs/consent/receipts/receipt-keys.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { connectPostgres, type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { loadConsents } from './load-consents.ts'
import { multiplyConsents, ORIGINALS } from './multiply-consents.ts'

export interface Filling {
  /** Keys, and the files of the embedded database. */
  readonly directory: string
  readonly subjects: number
  readonly progress: (line: string) => void
}

/** The tables of a PostgreSQL server, filled; what an earlier bench has filled is taken as it is. */
export const fillPostgres = async (url: string, filling: Filling): Promise<void> => {
  const engine = await connectPostgres(url)
  try {
    await fill(engine, filling)
    filling.progress('counting what is in the tables, for the planner')
    for (const table of ['person', 'receipt', 'head', 'change'])
      await sql`vacuum (analyze) consent.${sql.id(table)}`.execute(engine.admin)
    filling.progress('writing to the disk what the filling has left to write')
    await sql`checkpoint`.execute(engine.admin)
  } finally {
    await engine.close()
  }
}

export const fillPglite = async (filling: Filling): Promise<void> => {
  const engine = await openPglite({ dataDir: join(filling.directory, 'pglite') })
  try {
    await fill(engine, filling)
    await sql`analyze`.execute(engine.admin)
  } finally {
    await engine.close()
  }
}

const fill = async (engine: Engine, { directory, subjects, progress }: Filling): Promise<void> => {
  await migrate(engine, [consentMigration])
  const { rows } = await sql<{ people: number }>`select count(*)::int as people from consent.person`.execute(
    engine.admin,
  )
  const there = rows[0]?.people ?? 0
  if (there === subjects) return
  if (there > ORIGINALS) throw new Error(`there are ${there} people already; empty the database`)
  const told = (done: number): void => progress(`${done} of ${subjects} people`)
  const store = createSqlConsentStore(
    engine.database(consentMigration),
    createReceiptKeys(keptReceiptSecrets(directory)),
  )
  await loadConsents(store, { subjects: Math.min(subjects, ORIGINALS), from: there, progress: told })
  await multiplyConsents(engine.admin, { subjects, progress: told })
}
