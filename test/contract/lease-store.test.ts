import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createSqlLeaseStore } from '../../subgraphs/consent/leases/sql-lease-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { leaseStoreContract } from './lease-store.contract.ts'

leaseStoreContract('memory', async () => createMemoryLeaseStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [consentMigration])
  })
  afterAll(() => engine.close())

  leaseStoreContract('PGlite', async () => {
    await sql`truncate consent.lease, consent.acknowledgement`.execute(engine.admin)
    return createSqlLeaseStore(engine.database(consentMigration))
  })
})
