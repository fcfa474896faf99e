import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryFeed } from '../../subgraphs/identity/changes/memory-feed.ts'
import { createSqlFeed } from '../../subgraphs/identity/changes/sql-feed.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { changeFeedContract } from './change-feed.contract.ts'

changeFeedContract('memory', async () => createMemoryFeed())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [identityMigration])
  })
  afterAll(() => engine.close())

  changeFeedContract('PGlite', async () => {
    await sql`truncate identity.identity_change, identity.change_consumer`.execute(engine.admin)
    return createSqlFeed(engine.database(identityMigration))
  })
})
