import type { Engine } from './database.ts'
import { createSqlBatchMemory } from './events/entrance/sql-batch-memory.ts'
import type { BatchMemory } from './events/entrance/batch-memory.ts'
import type { EventStore } from './events/event-store.ts'
import { eventsMigration } from './events/migration.ts'
import type { QuarantineStore } from './events/quarantine/quarantine-store.ts'
import { createSqlQuarantine } from './events/quarantine/sql-quarantine.ts'
import { createSqlEventStore } from './events/sql-event-store.ts'
import { createSqlStandings } from './standing/sql-standings.ts'
import type { Currency, Purgeable, StandingStore } from './standing/standing-store.ts'

/** What people did, what failed, and what was heard of consent beside both. */
export interface EventStores {
  readonly standings: StandingStore
  readonly store: EventStore
  readonly quarantine: QuarantineStore
  readonly batches: BatchMemory
}

export function openEventStores(engine: Engine, currency: Pick<Currency, 'isCurrent'>): EventStores {
  const { admin } = engine
  const db = engine.database<unknown>(eventsMigration)
  return {
    standings: createSqlStandings(engine.database<never>(eventsMigration)),
    store: createSqlEventStore({ db, admin, currency, clock: Date.now }),
    quarantine: createSqlQuarantine({ db, admin }),
    batches: createSqlBatchMemory(db),
  }
}

/** What rests on the same standings is purged together. */
export const eventRows = ({ store, quarantine }: EventStores): Purgeable => ({
  purgeDead: async (now, pids) =>
    (await store.purgeDead(now, pids)) + (await quarantine.purgeDead(now, pids)),
  async vacuum() {
    await store.vacuum()
    await quarantine.vacuum()
  },
})
