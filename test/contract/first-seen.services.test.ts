import { sql } from 'kysely'
import { describe } from 'vitest'
import { createSqlFirstSeen } from '../../subgraphs/consent/door/sql-first-seen.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { firstSeenContract } from './first-seen.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('first_seen', consentMigration)

  firstSeenContract('PostgreSQL', async () => {
    await sql`truncate consent.first_seen`.execute(engine().admin)
    return createSqlFirstSeen(engine().database(consentMigration))
  })
})
