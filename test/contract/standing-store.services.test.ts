import { describe } from 'vitest'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { openSqlStandings, standingMigration } from '../support/sql-standings.ts'
import { standingStoreContract } from './standing-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('standing_store', standingMigration)

  standingStoreContract('PostgreSQL', () => openSqlStandings(engine()))
})
