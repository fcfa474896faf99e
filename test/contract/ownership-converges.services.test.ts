import { sql } from 'kysely'
import { beforeAll, describe } from 'vitest'
import { createSqlOwnershipStore, ownershipMigration } from '../../subgraphs/ownership/sql-store.ts'
import type { OwnershipStore } from '../../subgraphs/ownership/store.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { openProfileDesk } from '../support/profile-desk.ts'
import { convergenceContract } from './ownership-converges.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('ownership_converges', ownershipMigration)
  // One for all runs: each keeps connections of its own, and a server has so many.
  let store: OwnershipStore
  beforeAll(() => {
    store = createSqlOwnershipStore(engine().database(ownershipMigration))
  })

  convergenceContract(
    'PostgreSQL',
    async () => {
      await sql`truncate ownership.profile_write`.execute(engine().admin)
      return Object.assign(openProfileDesk(), { store })
    },
    { numRuns: 60, seed: 13 },
  )
})
