import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { createSqlFeaturesStore, featuresMigration } from '../../subgraphs/features/sql-store.ts'
import { featuresStoreContract } from './features-store.contract.ts'

const url = process.env['TEST_POSTGRES_URL'] ?? ''
/** A database of its own, so that files which run at the same time do not meet. */
const name = `features_store_${process.pid}`

describe.skipIf(url === '')('PostgreSQL', () => {
  let server: Engine
  let engine: Engine
  beforeAll(async () => {
    server = await connectPostgres(url)
    await sql`create database ${sql.id(name)}`.execute(server.admin)
    engine = await connectPostgres(Object.assign(new URL(url), { pathname: `/${name}` }).href)
    await migrate(engine, [featuresMigration])
  })
  afterAll(async () => {
    await engine.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.admin)
    await server.close()
  })

  featuresStoreContract('PostgreSQL', async () => {
    await sql`truncate features.feature`.execute(engine.admin)
    return createSqlFeaturesStore(engine.database(featuresMigration))
  })
})
