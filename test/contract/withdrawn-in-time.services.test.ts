import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { SETTINGS } from '../../gateway/settings.ts'
import { connectPostgres, type Engine } from '../../subgraphs/database.ts'
import { POSTGRES_URL } from '../support/postgres-engine.ts'
import { withdrawnInTimeContract } from './withdrawn-in-time.contract.ts'

/** The server's files must lie on this machine, and its user may read its log, as that of the tests may. */
describe.skipIf(POSTGRES_URL === '')('The process of the subgraphs', () => {
  const name = `withdrawn_in_time_${process.pid}`
  const url = POSTGRES_URL === '' ? '' : Object.assign(new URL(POSTGRES_URL), { pathname: `/${name}` }).href
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-in-time-'))
  let server: Engine
  let database: Engine
  let files = ''
  beforeAll(async () => {
    server = await connectPostgres(POSTGRES_URL)
    await sql`create database ${sql.id(name)}`.execute(server.admin)
    database = await connectPostgres(url)
    const { rows } = await sql<{ directory: string }>`
      select setting as directory from pg_settings where name = 'data_directory'`.execute(server.admin)
    files = rows[0]?.directory ?? ''
    // What a server is told once: the log is not kept for use again.
    await sql`alter system set wal_recycle = off`.execute(server.admin)
    await sql`select pg_reload_conf()`.execute(server.admin)
  })
  afterAll(async () => {
    await database.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.admin)
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  /** What was done, what failed, and what was computed. */
  const rowsOf = async (pid: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`
      select (select count(*) from events.event where pid = ${pid})::int
        + (select count(*) from features.served where pid = ${pid})::int
        + (select count(*) from features.state where pid = ${pid})::int as count`.execute(database.admin)
    return rows[0]?.count ?? 0
  }

  withdrawnInTimeContract('PostgreSQL', () => ({
    options: { dataDir, postgresUrl: url, rewriteAfterMs: SETTINGS.rewriteAfterMs.default },
    files,
    rowsOf,
  }))
})
