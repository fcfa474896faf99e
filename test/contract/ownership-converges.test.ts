import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createSqlOwnershipStore, ownershipMigration } from '../../subgraphs/ownership/sql-store.ts'
import { openProfileDesk } from '../support/profile-desk.ts'
import { convergenceContract } from './ownership-converges.contract.ts'

convergenceContract('memory', async () => openProfileDesk(), { numRuns: 150, seed: 7 })

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [ownershipMigration])
  })
  afterAll(() => engine.close())

  convergenceContract(
    'PGlite',
    async () => {
      await sql`truncate ownership.profile_write`.execute(engine.admin)
      return Object.assign(openProfileDesk(), {
        store: createSqlOwnershipStore(engine.database(ownershipMigration)),
      })
    },
    { numRuns: 40, seed: 11 },
  )
})
