import { sql } from 'kysely'
import { describe } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlOutbox } from '../../subgraphs/consent/outbox/sql-outbox.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { outboxContract } from './outbox.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('outbox', consentMigration)

  outboxContract('PostgreSQL', async () => {
    await sql`truncate consent.consumer cascade`.execute(engine().admin)
    return {
      outbox: createSqlOutbox(engine().database(consentMigration)),
      leasesRunOut: async () => {
        await sql`update consent.consumer set held_until = held_until - interval '1 hour'`.execute(
          engine().admin,
        )
      },
    }
  })
})
