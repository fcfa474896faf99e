import { describe } from 'vitest'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { emptyFeatures } from '../support/empty-features.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { featuresStoreContract } from './features-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('features_store', featuresMigration)

  featuresStoreContract('PostgreSQL', async () => {
    await emptyFeatures(engine())
    return createSqlFeaturesStore(engine().database(featuresMigration))
  })
})
