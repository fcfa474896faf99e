import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { migrate } from '../../subgraphs/database.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { RECEIPT_KEYS } from '../support/receipts.ts'
import { consentStoreContract } from './consent-store.contract.ts'
import { receiptsAreEvidence } from './receipts-are-evidence.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('consent_store', consentMigration)

  consentStoreContract('PostgreSQL', async () => {
    await sql`truncate consent.person, consent.receipt, consent.head, consent.change`.execute(engine().admin)
    return createSqlConsentStore(engine().database(consentMigration), RECEIPT_KEYS)
  })

  receiptsAreEvidence('PostgreSQL', engine)

  test('migrates twice, and at the same moment, to the same tables', async () => {
    await Promise.all([migrate(engine(), [consentMigration]), migrate(engine(), [consentMigration])])
    const { rows } = await sql`select position from consent.migration`.execute(engine().admin)
    expect(rows).toHaveLength(consentMigration.statements.length)
  })
})
