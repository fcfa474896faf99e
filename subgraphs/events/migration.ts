import type { Migration } from '../database.ts'
import { standingStatements } from '../standing/sql-standings.ts'
import { EVENT_TABLES } from './event-tables.ts'
import { BATCH_TABLES } from './entrance/sql-batch-memory.ts'
import { QUARANTINE_TABLES } from './quarantine/quarantine-tables.ts'

/** The tables of events. What is new is appended; what was released stays. */
export const eventsMigration: Migration = {
  schema: 'events',
  role: 'assent_events',
  statements: [
    ...EVENT_TABLES,
    ...standingStatements('assent_events'),
    ...QUARANTINE_TABLES,
    ...BATCH_TABLES,
  ],
}
