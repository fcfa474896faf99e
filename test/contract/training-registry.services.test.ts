import { sql } from 'kysely'
import { describe } from 'vitest'
import {
  createSqlTrainingRegistry,
  trainingMigration,
} from '../../subgraphs/features/training/sql-registry.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { trainingRegistryContract } from './training-registry.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('training_registry', trainingMigration)

  trainingRegistryContract('PostgreSQL', async () => {
    await sql`truncate training.training_set, training.rests_on`.execute(engine().admin)
    return createSqlTrainingRegistry(engine().database(trainingMigration))
  })
})
