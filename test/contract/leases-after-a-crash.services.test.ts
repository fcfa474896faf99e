import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSqlLeaseStore } from '../../subgraphs/consent/leases/sql-lease-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { type PostgresService, startPostgres } from '../support/services/postgres.ts'

let server: PostgresService
let engine: Engine
beforeAll(async () => {
  server = await startPostgres(() => {}, { isDurable: true })
  engine = await connectPostgres(server.url)
  await migrate(engine, [consentMigration])
})
afterAll(async () => {
  await engine.close()
  await server.stop()
})

test('a lease is there after a crash, also where the server is set to answer before it has written', async () => {
  await sql`alter database postgres set synchronous_commit = off`.execute(engine.admin)
  // What is committed is written down when somebody asks for it, or after ten seconds.
  await sql`alter system set wal_writer_delay = '10s'`.execute(engine.admin)
  await sql`select pg_reload_conf()`.execute(engine.admin)
  await engine.close()
  engine = await connectPostgres(server.url)
  const leases = () => createSqlLeaseStore(engine.database(consentMigration))
  const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(
    engine.database(consentMigration),
  )
  expect(rows).toEqual([{ synchronous_commit: 'off' }])
  await leases().hold('a-gateway-that-just-began', '1', 1_000)
  await server.crash()
  await engine.close().catch(() => undefined)
  engine = await connectPostgres(server.url)
  expect(await leases().leases()).toMatchObject([{ holder: 'a-gateway-that-just-began', acknowledged: '1' }])
})
