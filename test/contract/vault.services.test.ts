import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlSealedStore, vaultMigration } from '../../subgraphs/identity/vault/sql-sealed-store.ts'
import { everythingIn } from '../support/everything-in.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { vaultContract } from './vault.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('vault', vaultMigration)

  vaultContract('PostgreSQL', async () => {
    await sql`truncate vault.entry, vault.pending, vault.name_key`.execute(engine().admin)
    return {
      store: createSqlSealedStore(engine().database(vaultMigration)),
      everything: () => everythingIn(engine(), 'vault'),
    }
  })
})
