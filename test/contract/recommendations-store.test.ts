import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import {
  createSqlRecommendationsStore,
  recommendationsMigration,
} from '../../subgraphs/recommendations/sql-store.ts'
import { recommendationsStoreContract } from './recommendations-store.contract.ts'

recommendationsStoreContract('memory', async () => createMemoryRecommendationsStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [recommendationsMigration])
  })
  afterAll(() => engine.close())

  recommendationsStoreContract('PGlite', async () => {
    const store = createSqlRecommendationsStore(engine.database(recommendationsMigration))
    await store.replace([])
    return store
  })
})
