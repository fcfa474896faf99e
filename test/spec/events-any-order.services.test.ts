import fc from 'fast-check'
import { describe, test } from 'vitest'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { play, steps } from '../support/events/any-order.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'

describe.skipIf(POSTGRES_URL === '')('Events that come in any way, on PostgreSQL', () => {
  const engine = ownPostgres('event_order', eventsMigration)

  test('are the same events, though two writers and a withdrawal really are at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => play(history, await sqlEngine(engine()))),
      { seed: 9, numRuns: 60 },
    )
  })
})
