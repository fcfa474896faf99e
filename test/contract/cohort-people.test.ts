import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import { aggregatesMigration, createSqlPeople } from '../../subgraphs/aggregates/people/sql-people.ts'
import { keptBoundingKey } from '../../subgraphs/aggregates/sql-bounding-key.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { cohortPeopleContract } from './cohort-people.contract.ts'

cohortPeopleContract('memory', async () => createMemoryPeople())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [aggregatesMigration])
  })
  afterAll(() => engine.close())

  cohortPeopleContract('PGlite', async () => {
    await sql`truncate aggregates.same_person`.execute(engine.admin)
    await sql`update aggregates.same_person_mark set position = 0`.execute(engine.admin)
    return createSqlPeople(engine.database(aggregatesMigration))
  })

  test('the key is made once, and no role can make another', async () => {
    const db = engine.database<unknown>(aggregatesMigration)
    const key = await keptBoundingKey(db)
    expect(key).toHaveLength(32)
    expect(await keptBoundingKey(db)).toEqual(key)
    await expect(sql`delete from bounding_key`.execute(db)).rejects.toMatchObject({ code: '42501' })
  })
})
