import { describe } from 'vitest'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { quarantineContract } from './event-quarantine.contract.ts'
import { eventStoreContract } from './event-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('event_store', eventsMigration)

  eventStoreContract('PostgreSQL', () => sqlEngine(engine()))
  quarantineContract('PostgreSQL', () => sqlEngine(engine()))
})
