import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlOwnershipStore, ownershipMigration } from '../../subgraphs/ownership/sql-store.ts'
import { createSqlStandings } from '../../subgraphs/standing/sql-standings.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { ownershipStoreContract } from './ownership-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('ownership_store', ownershipMigration)

  ownershipStoreContract('PostgreSQL', async () => {
    await sql`truncate ownership.profile_write, ownership.standing, ownership.standing_mark, ownership.standing_block`.execute(
      engine().admin,
    )
    return {
      store: createSqlOwnershipStore(engine().database(ownershipMigration)),
      standings: createSqlStandings(engine().database(ownershipMigration)),
    }
  })
})
