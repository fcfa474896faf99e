import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { play, steps } from '../support/events/any-order.ts'
import { memoryEngine } from '../support/events/event-flow.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'

/**
 * In any order, as often as one likes, in batches of any size, by two writers at once, broken off between any two steps and
 * sent again: what can be read is what people did under a yes that still stands, and nothing else, at every moment.
 */
describe('Events that come in any way', () => {
  test('are the same events in memory', async () => {
    await fc.assert(
      fc.asyncProperty(steps, (history) => play(history, memoryEngine())),
      { seed: 7, numRuns: 150 },
    )
  })

  describe('on PGlite', () => {
    let engine: Engine
    beforeAll(async () => {
      engine = await openPglite()
      await migrate(engine, [eventsMigration])
    })
    afterAll(() => engine.close())

    test('are the same events', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => play(history, await sqlEngine(engine))),
        { seed: 8, numRuns: 8 },
      )
    })
  })
})
