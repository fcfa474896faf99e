import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

  test('who acknowledged what is told for a month', async () => {
    await sql`truncate consent.lease, consent.acknowledgement`.execute(engine.admin)
    await sql`insert into consent.acknowledgement (holder, revision, at)
      select 'a-gateway-of-old', revision, now() - make_interval(days => 40 - revision::int)
      from generate_series(1, 20) as revision`.execute(engine.admin)
    const leases = createSqlLeaseStore(engine.database(consentMigration), { sweepEvery: 2 })
    await leases.hold('a-gateway', '20')
    expect(await leases.acknowledgements('1')).toHaveLength(2)
    await leases.hold('a-gateway', '20')
    const { rows } =
      await sql`select 1 from consent.acknowledgement where holder = 'a-gateway-of-old'`.execute(engine.admin)
    expect(rows).toHaveLength(10)
    expect(await leases.acknowledgements('20')).toHaveLength(2)
  })
})
