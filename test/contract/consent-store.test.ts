import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { emptyConsent } from '../support/empty-consent.ts'
import { RECEIPT_KEYS } from '../support/receipts.ts'
import { consentLinksContract } from './consent-links.contract.ts'
import { consentStoreContract } from './consent-store.contract.ts'
import { receiptsAreEvidence } from './receipts-are-evidence.ts'

consentStoreContract('memory', async () => createMemoryConsentStore())
consentLinksContract('memory', async () => createMemoryConsentStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  const emptyStore = async (): Promise<ConsentStore> => {
    await emptyConsent(engine)
    return createSqlConsentStore(engine.database(consentMigration), RECEIPT_KEYS)
  }
  consentStoreContract('PGlite', emptyStore)
  consentLinksContract('PGlite', emptyStore)

  receiptsAreEvidence('PGlite', () => engine)

  test('refuses tables that an older version made, and leaves them as they are', async () => {
    const old = await openPglite()
    try {
      const older = {
        ...consentMigration,
        statements: ['create sequence revision', ...consentMigration.statements],
      }
      await migrate(old, [older])
      await expect(migrate(old, [consentMigration])).rejects.toMatchObject({
        code: 'SCHEMA_OF_ANOTHER_VERSION',
      })
      await migrate(old, [older])
    } finally {
      await old.close()
    }
  })
})
