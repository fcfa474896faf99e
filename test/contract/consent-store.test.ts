import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { verifyReceipts } from '../../subgraphs/consent/receipts/sql-verify.ts'
import { headsOfPeople } from '../../subgraphs/consent/sql-heads-of-people.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { emptyConsent } from '../support/empty-consent.ts'
import { firstReceipt, fullReceipt, NOON, RECEIPT_KEYS, successor } from '../support/receipts.ts'
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

  test('finds in the tables of an earlier version what was said there, and what was erased gone', async () => {
    const old = await openPglite()
    try {
      const { statements } = consentMigration
      const earlier = statements.slice(0, statements.indexOf(headsOfPeople[0] ?? ''))
      await migrate(old, [{ ...consentMigration, statements: earlier }])
      const db = old.database(consentMigration)
      const store = createSqlConsentStore(db, RECEIPT_KEYS)
      const [ada, bo] = [fullReceipt('ada'), firstReceipt('bo')]
      await store.append([ada, firstReceipt('ada', 'profiling'), bo])
      await store.append([successor(ada, 'withdrawn')])
      await store.mark('bo', 'erased', NOON)
      await migrate(old, [consentMigration])
      const { records } = await store.recordsAt(['ada', 'bo'])
      expect(records.get('ada')?.latest.map(({ scope, status }) => [scope, status])).toEqual([
        ['profiling', 'given'],
        [ada.scope, 'withdrawn'],
      ])
      expect(records.get('bo')).toMatchObject({ blocked: 'erased', latest: [] })
      expect((await verifyReceipts(db, { keys: RECEIPT_KEYS })).damages).toEqual([])
    } finally {
      await old.close()
    }
  })

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
