import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { emptyFeatures } from '../support/empty-features.ts'
import { streamIsBatchContract } from './features-materialise.contract.ts'

streamIsBatchContract('memory', async () => createMemoryFeaturesStore(), { seed: 7, numRuns: 300 })

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [featuresMigration])
  })
  afterAll(() => engine.close())

  streamIsBatchContract(
    'PGlite',
    async () => {
      await emptyFeatures(engine)
      return createSqlFeaturesStore(engine.database(featuresMigration))
    },
    { seed: 11, numRuns: 60 },
  )
})
