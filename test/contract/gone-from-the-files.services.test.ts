import { sql } from 'kysely'
import { beforeAll, describe } from 'vitest'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { goneFromTheFilesContract } from './gone-from-the-files.contract.ts'

/** The server's files must lie on this machine, and its user may read its log, as that of the tests may. */
describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('gone_from_files', eventsMigration)
  let directory = ''
  beforeAll(async () => {
    const { rows } = await sql<{ directory: string }>`
      select setting as directory from pg_settings where name = 'data_directory'`.execute(engine().admin)
    directory = rows[0]?.directory ?? ''
    // What a server is told once: the log is not kept for use again.
    await sql`alter system set wal_recycle = off`.execute(engine().admin)
    await sql`select pg_reload_conf()`.execute(engine().admin)
  })

  goneFromTheFilesContract('PostgreSQL', () => ({ engine: engine(), directory }))
})
