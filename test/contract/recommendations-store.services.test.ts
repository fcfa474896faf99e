import { describe } from 'vitest'
import {
  createSqlRecommendationsStore,
  recommendationsMigration,
} from '../../subgraphs/recommendations/sql-store.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { recommendationsStoreContract } from './recommendations-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('recommendations_store', recommendationsMigration)

  recommendationsStoreContract('PostgreSQL', async () => {
    const store = createSqlRecommendationsStore(engine().database(recommendationsMigration))
    await store.replace([])
    return store
  })
})
