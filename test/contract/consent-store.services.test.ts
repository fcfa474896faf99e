import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { consentMigration, createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { migrate } from '../../subgraphs/database.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { consentStoreContract } from './consent-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('consent_store', consentMigration)

  consentStoreContract('PostgreSQL', async () => {
    await sql`truncate consent.receipt, consent.subject_event`.execute(engine().admin)
    await sql`alter sequence consent.revision restart`.execute(engine().admin)
    return createSqlConsentStore(engine().database(consentMigration))
  })

  test('migrates twice, and at the same moment, to the same tables', async () => {
    await Promise.all([migrate(engine(), [consentMigration]), migrate(engine(), [consentMigration])])
    const { rows } = await sql`select position from consent.migration`.execute(engine().admin)
    expect(rows).toHaveLength(consentMigration.statements.length)
  })
})
