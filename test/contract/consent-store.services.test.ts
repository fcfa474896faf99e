import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { migrate } from '../../subgraphs/database.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { emptyConsent } from '../support/empty-consent.ts'
import { RECEIPT_KEYS } from '../support/receipts.ts'
import { consentLinksContract } from './consent-links.contract.ts'
import { consentStoreContract } from './consent-store.contract.ts'
import { receiptsAreEvidence } from './receipts-are-evidence.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('consent_store', consentMigration)

  const emptyStore = async (): Promise<ConsentStore> => {
    await emptyConsent(engine())
    return createSqlConsentStore(engine().database(consentMigration), RECEIPT_KEYS)
  }
  consentStoreContract('PostgreSQL', emptyStore)
  consentLinksContract('PostgreSQL', emptyStore)

  receiptsAreEvidence('PostgreSQL', engine)

  test('migrates twice, and at the same moment, to the same tables', async () => {
    await Promise.all([migrate(engine(), [consentMigration]), migrate(engine(), [consentMigration])])
    const { rows } = await sql`select position from consent.migration`.execute(engine().admin)
    expect(rows).toHaveLength(consentMigration.statements.length)
  })
})
