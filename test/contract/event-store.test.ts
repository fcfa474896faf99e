import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { eventWorld, memoryEngine, NOON } from '../support/events/event-flow.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'
import { event, eventStoreContract } from './event-store.contract.ts'
import { quarantineContract } from './event-quarantine.contract.ts'

eventStoreContract('memory', async () => memoryEngine())
quarantineContract('memory', async () => memoryEngine())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [eventsMigration])
  })
  afterAll(() => engine.close())

  eventStoreContract('PGlite', () => sqlEngine(engine))
  quarantineContract('PGlite', () => sqlEngine(engine))

  test('lets nobody change an event: its owner has not the right, and who has is refused', async () => {
    const world = eventWorld(await sqlEngine(engine))
    await world.says('ada', 'analytics', 'rc-ada')
    await world.store.append([event('e1')], NOON)
    const owner = engine.database(eventsMigration)
    await expect(sql`update event set data = '{}'`.execute(owner)).rejects.toMatchObject({ code: '42501' })
    await expect(sql`update event set pid = 'bo'`.execute(owner)).rejects.toMatchObject({ code: '42501' })
    for (const change of [`data = '{}'`, `occurred_at = now()`, `type = 'other'`, `consent_revision = 9`])
      await expect(
        sql`update events.event set ${sql.raw(change)}`.execute(engine.admin),
      ).rejects.toMatchObject({ code: '23001' })
  })
})
