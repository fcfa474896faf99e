import { describe } from 'vitest'
import {
  createSqlReidentificationStore,
  reidentificationMigration,
} from '../../subgraphs/identity/reidentification/sql-reidentification-store.ts'
import { emptyReidentification } from '../support/empty-reidentification.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { reidentificationStoreContract } from './reidentification-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('reidentification', reidentificationMigration)

  reidentificationStoreContract('PostgreSQL', async () => {
    await emptyReidentification(engine())
    // Each has connections of its own.
    return () => createSqlReidentificationStore(engine().database(reidentificationMigration))
  })
})
