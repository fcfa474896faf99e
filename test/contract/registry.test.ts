import { afterAll, beforeAll } from 'vitest'
import { sql } from 'kysely'
import { createSqlRegistryStore, registryMigration } from '../../registry/sql-registry-store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { registryContract } from './registry.contract.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openPglite()
  await migrate(engine, [registryMigration])
})
afterAll(() => engine.close())

registryContract('PGlite', async () => {
  await sql`truncate registry.version, registry.tag, registry.move, registry.pending, registry.approval,
    registry.deprecation, registry.field_use, registry.notice, registry.delivery`.execute(engine.admin)
  return createSqlRegistryStore(engine.database(registryMigration))
})
