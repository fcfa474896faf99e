import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryFirstSeen } from '../../subgraphs/consent/door/memory-first-seen.ts'
import { createSqlFirstSeen } from '../../subgraphs/consent/door/sql-first-seen.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { firstSeenContract } from './first-seen.contract.ts'

firstSeenContract('memory', async () => createMemoryFirstSeen())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  firstSeenContract('PGlite', async () => {
    await sql`truncate consent.first_seen`.execute(engine.admin)
    return createSqlFirstSeen(engine.database(consentMigration))
  })
})
