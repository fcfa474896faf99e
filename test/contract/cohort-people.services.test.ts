import { sql } from 'kysely'
import { describe } from 'vitest'
import { aggregatesMigration, createSqlPeople } from '../../subgraphs/aggregates/people/sql-people.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { cohortPeopleContract } from './cohort-people.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('cohort_people', aggregatesMigration)

  cohortPeopleContract('PostgreSQL', async () => {
    await sql`truncate aggregates.same_person`.execute(engine().admin)
    await sql`update aggregates.same_person_mark set position = 0`.execute(engine().admin)
    return createSqlPeople(engine().database(aggregatesMigration))
  })
})
