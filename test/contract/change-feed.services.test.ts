import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlFeed } from '../../subgraphs/identity/changes/sql-feed.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { changeFeedContract } from './change-feed.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('change_feed', identityMigration)

  changeFeedContract('PostgreSQL', async () => {
    await sql`truncate identity.identity_change, identity.change_consumer`.execute(engine().admin)
    return createSqlFeed(engine().database(identityMigration))
  })
})
