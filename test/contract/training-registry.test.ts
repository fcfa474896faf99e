import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryTrainingRegistry } from '../../subgraphs/features/training/memory-registry.ts'
import {
  createSqlTrainingRegistry,
  trainingMigration,
} from '../../subgraphs/features/training/sql-registry.ts'
import { trainingRegistryContract } from './training-registry.contract.ts'

trainingRegistryContract('memory', async () => createMemoryTrainingRegistry())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [trainingMigration])
  })
  afterAll(() => engine.close())

  trainingRegistryContract('PGlite', async () => {
    await sql`truncate training.training_set, training.rests_on`.execute(engine.admin)
    return createSqlTrainingRegistry(engine.database(trainingMigration))
  })
})
