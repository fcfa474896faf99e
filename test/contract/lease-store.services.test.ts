import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlLeaseStore } from '../../subgraphs/consent/leases/sql-lease-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { leaseStoreContract } from './lease-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('lease_store', consentMigration)

  leaseStoreContract('PostgreSQL', async () => {
    await sql`truncate consent.lease, consent.acknowledgement`.execute(engine().admin)
    return createSqlLeaseStore(engine().database(consentMigration))
  })
})
