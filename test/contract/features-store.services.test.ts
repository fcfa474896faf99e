import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlFeaturesStore, featuresMigration } from '../../subgraphs/features/sql-store.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { featuresStoreContract } from './features-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('features_store', featuresMigration)

  featuresStoreContract('PostgreSQL', async () => {
    await sql`truncate features.feature`.execute(engine().admin)
    return createSqlFeaturesStore(engine().database(featuresMigration))
  })
})
