import { beforeAll, describe } from 'vitest'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import type { FeaturesStore } from '../../subgraphs/features/store.ts'
import { emptyFeatures } from '../support/empty-features.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { streamIsBatchContract } from './features-materialise.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('features_materialise', featuresMigration)
  // One for all runs: each keeps connections of its own, and a server has so many.
  let store: FeaturesStore
  beforeAll(() => {
    store = createSqlFeaturesStore(engine().database(featuresMigration))
  })

  streamIsBatchContract(
    'PostgreSQL',
    async () => {
      await emptyFeatures(engine())
      return store
    },
    { seed: 13, numRuns: 60 },
  )
})
