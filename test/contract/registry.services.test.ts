import { describe } from 'vitest'
import { sql } from 'kysely'
import { createSqlRegistryStore, registryMigration } from '../../registry/sql-registry-store.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { registryContract } from './registry.contract.ts'

// Publications at once take a connection each.
describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('registry', registryMigration)

  registryContract('PostgreSQL', async () => {
    await sql`truncate registry.version, registry.tag, registry.move, registry.pending, registry.approval,
      registry.deprecation, registry.field_use, registry.notice, registry.delivery`.execute(engine().admin)
    return createSqlRegistryStore(engine().database(registryMigration))
  })
})
