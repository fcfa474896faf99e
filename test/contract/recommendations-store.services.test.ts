import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import {
  createSqlRecommendationsStore,
  recommendationsMigration,
} from '../../subgraphs/recommendations/sql-store.ts'
import { recommendationsStoreContract } from './recommendations-store.contract.ts'

const url = process.env['TEST_POSTGRES_URL'] ?? ''
/** A database of its own, so that files which run at the same time do not meet. */
const name = `recommendations_store_${process.pid}`

describe.skipIf(url === '')('PostgreSQL', () => {
  let server: Engine
  let engine: Engine
  beforeAll(async () => {
    server = await connectPostgres(url)
    await sql`create database ${sql.id(name)}`.execute(server.admin)
    engine = await connectPostgres(Object.assign(new URL(url), { pathname: `/${name}` }).href)
    await migrate(engine, [recommendationsMigration])
  })
  afterAll(async () => {
    await engine.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(server.admin)
    await server.close()
  })

  recommendationsStoreContract('PostgreSQL', async () => {
    const store = createSqlRecommendationsStore(engine.database(recommendationsMigration))
    await store.replace({ products: [], purchases: [], popularity: [], similarities: [] })
    return store
  })
})
