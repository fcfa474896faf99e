import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { createSqlIdentityStore } from '../../subgraphs/identity/sql-store.ts'
import { identityGraphContract } from './identity-graph.contract.ts'
import { identityRenameContract } from './identity-rename.contract.ts'
import { identityStoreContract } from './identity-store.contract.ts'

identityStoreContract('memory', async () => createMemoryIdentityStore())
identityRenameContract('memory', async () => createMemoryIdentityStore())
identityGraphContract('memory', async () => createMemoryIdentityStore(), { runs: 300 })

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [identityMigration])
  })
  afterAll(() => engine.close())

  const open = async () => {
    await sql`truncate identity.record, identity.has, identity.device, identity.merge, identity.separation,
        identity.possible_match, identity.untold_change, identity.former_pid restart identity`.execute(
      engine.admin,
    )
    return createSqlIdentityStore(engine.database(identityMigration))
  }
  identityStoreContract('PGlite', open)
  identityRenameContract('PGlite', open)
  identityGraphContract('PGlite', open, { runs: 15 })
})
