import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { createSqlFeaturesStore, featuresMigration } from '../../subgraphs/features/sql-store.ts'
import { featuresStoreContract } from './features-store.contract.ts'

featuresStoreContract('memory', async () => createMemoryFeaturesStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [featuresMigration])
  })
  afterAll(() => engine.close())

  featuresStoreContract('PGlite', async () => {
    await sql`truncate features.feature`.execute(engine.admin)
    return createSqlFeaturesStore(engine.database(featuresMigration))
  })

  test('refuses a row without the receipt that allows it', async () => {
    await expect(
      sql`insert into feature values ('ada', 'plan_tier', '"plus"', 'personalization', null, now(), now() + '1 day')`.execute(
        engine.database(featuresMigration),
      ),
    ).rejects.toMatchObject({ code: '23502' })
  })
})
