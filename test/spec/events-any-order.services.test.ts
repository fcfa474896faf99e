import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { describe, test } from 'vitest'
import type { Engine } from '../../subgraphs/database.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { play, steps } from '../support/events/any-order.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'

describe.skipIf(POSTGRES_URL === '')('Events that come in any way, on PostgreSQL', () => {
  const engine = ownPostgres('event_order', eventsMigration)

  test('are the same events, though two writers and a withdrawal really are at once', async () => {
    // One pool for all runs: each would open connections of its own.
    const db = engine().database(eventsMigration)
    const shared: Engine = { ...engine(), database: <T>() => db as Kysely<T> }
    await fc.assert(
      fc.asyncProperty(steps, async (history) => play(history, await sqlEngine(shared))),
      { seed: 9, numRuns: 40 },
    )
  })
})
