import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentMigration, createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { consentStoreContract } from './consent-store.contract.ts'

consentStoreContract('memory', async () => createMemoryConsentStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  consentStoreContract('PGlite', async () => {
    await sql`truncate consent.receipt, consent.subject_event`.execute(engine.admin)
    await sql`alter sequence consent.revision restart`.execute(engine.admin)
    return createSqlConsentStore(engine.database(consentMigration))
  })

  test.each([
    'update receipt set status = status',
    'delete from receipt',
    'truncate receipt',
    'delete from subject_event',
  ])('refuses its own role to `%s`: receipts are only ever added', async (statement) => {
    await expect(sql.raw(statement).execute(engine.database(consentMigration))).rejects.toMatchObject({
      code: '42501',
    })
  })
})
