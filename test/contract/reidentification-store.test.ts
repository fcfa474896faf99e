import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryReidentificationStore } from '../../subgraphs/identity/reidentification/memory-reidentification-store.ts'
import {
  createSqlReidentificationStore,
  reidentificationMigration,
} from '../../subgraphs/identity/reidentification/sql-reidentification-store.ts'
import { emptyReidentification } from '../support/empty-reidentification.ts'
import { openDesk } from '../support/reidentification-desk.ts'
import { reidentificationStoreContract } from './reidentification-store.contract.ts'

reidentificationStoreContract('memory', async () => {
  const store = createMemoryReidentificationStore()
  return () => store
})

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [reidentificationMigration])
  })
  afterAll(() => engine.close())
  const store = () => createSqlReidentificationStore(engine.database(reidentificationMigration))

  reidentificationStoreContract('PGlite', async () => {
    await emptyReidentification(engine)
    return store
  })

  test('the trail cannot be changed, by nobody', async () => {
    await emptyReidentification(engine)
    const { ask } = await openDesk({ store: store() })
    await ask()
    const service = engine.database(reidentificationMigration)
    for (const statement of [
      sql`update reidentification.trail set entry = '{}'`,
      sql`delete from reidentification.trail`,
      sql`truncate reidentification.trail`,
    ]) {
      await expect(statement.execute(service)).rejects.toMatchObject({ code: '42501' })
      await expect(statement.execute(engine.admin)).rejects.toMatchObject({ code: '23001' })
    }
    await expect(sql`delete from reidentification.request`.execute(service)).rejects.toMatchObject({
      code: '42501',
    })
  })
})
