import { sql } from 'kysely'
import type { Engine } from '../../../subgraphs/database.ts'
import { eventsMigration } from '../../../subgraphs/events/migration.ts'
import { createSqlQuarantine } from '../../../subgraphs/events/quarantine/sql-quarantine.ts'
import { createSqlEventStore } from '../../../subgraphs/events/sql-event-store.ts'
import { createSqlStandings } from '../../../subgraphs/standing/sql-standings.ts'
import type { EventEngine } from './event-flow.ts'

/** The tables of events on a database, emptied. */
export async function sqlEngine(engine: Engine): Promise<EventEngine> {
  await sql`truncate events.event, events.failed_event, events.batch, events.renamed_pid, events.standing,
    events.standing_block, events.standing_mark`.execute(engine.admin)
  const { admin } = engine
  const db = engine.database<unknown>(eventsMigration)
  return {
    standings: createSqlStandings(engine.database<never>(eventsMigration)),
    openStore: ({ isCurrent, clock }) => createSqlEventStore({ db, admin, currency: { isCurrent }, clock }),
    openQuarantine: () => createSqlQuarantine({ db, admin }),
  }
}
