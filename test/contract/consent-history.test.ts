import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { RECEIPT_KEYS } from '../support/receipts.ts'
import { consentHistoryContract } from './consent-history.contract.ts'

consentHistoryContract('memory', async () => {
  const clock = { now: 0 }
  return { store: createMemoryConsentStore(() => clock.now), clock }
})

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  consentHistoryContract('PGlite', async () => {
    await sql`truncate consent.receipt, consent.person, consent.head, consent.change, consent.link, consent.linked, consent.link_log cascade`.execute(
      engine.admin,
    )
    return {
      store: createSqlConsentStore(engine.database(consentMigration), RECEIPT_KEYS),
      clock: { now: 0 },
    }
  })
})
