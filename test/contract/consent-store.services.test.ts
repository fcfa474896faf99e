import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consentMigration, createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { consentStoreContract } from './consent-store.contract.ts'

const url = process.env['TEST_POSTGRES_URL'] ?? ''
/** A database of its own, so that files which run at the same time do not meet. */
const name = `consent_store_${process.pid}`

describe.skipIf(url === '')('PostgreSQL', () => {
  let server: Engine
  let engine: Engine
  beforeAll(async () => {
    server = await connectPostgres(url)
    await sql`create database ${sql.id(name)}`.execute(server.admin)
    engine = await connectPostgres(Object.assign(new URL(url), { pathname: `/${name}` }).href)
    await migrate(engine, [consentMigration])
  })
  afterAll(async () => {
    await engine.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.admin)
    await server.close()
  })

  consentStoreContract('PostgreSQL', async () => {
    await sql`truncate consent.receipt, consent.subject_event`.execute(engine.admin)
    await sql`alter sequence consent.revision restart`.execute(engine.admin)
    return createSqlConsentStore(engine.database(consentMigration))
  })

  test('migrates twice, and at the same moment, to the same tables', async () => {
    await Promise.all([migrate(engine, [consentMigration]), migrate(engine, [consentMigration])])
    const { rows } = await sql`select position from consent.migration`.execute(engine.admin)
    expect(rows).toHaveLength(consentMigration.statements.length)
  })
})
