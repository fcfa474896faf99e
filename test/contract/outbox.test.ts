import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryOutbox } from '../../subgraphs/consent/outbox/memory-outbox.ts'
import { createSqlOutbox } from '../../subgraphs/consent/outbox/sql-outbox.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { outboxContract } from './outbox.contract.ts'

outboxContract('memory', async () => {
  let now = Date.UTC(2026, 4, 1)
  return {
    outbox: createMemoryOutbox(() => now),
    leasesRunOut: async () => {
      now += 3_600_000
    },
  }
})

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  outboxContract('PGlite', async () => {
    await sql`truncate consent.consumer cascade`.execute(engine.admin)
    return {
      outbox: createSqlOutbox(engine.database(consentMigration)),
      leasesRunOut: async () => {
        await sql`update consent.consumer set held_until = held_until - interval '1 hour'`.execute(
          engine.admin,
        )
      },
    }
  })
})
