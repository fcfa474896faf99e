import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Migration } from '../../subgraphs/database.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'

const counts: Migration = {
  schema: 'counts',
  role: 'counts_owner',
  statements: [
    'create table count (id text primary key, told int not null)',
    'grant select, update on count to counts_owner',
    "insert into count values ('a', 0), ('b', 0)",
  ],
}

/** One statement that takes two rows in this order, slowly enough for another to stand between. */
const tellBoth = (first: string, second: string) =>
  sql.raw(`do $$ begin
    update count set told = told + 1 where id = '${first}';
    perform pg_sleep(0.3);
    update count set told = told + 1 where id = '${second}';
  end $$`)

describe.skipIf(POSTGRES_URL === '')('Two statements that wait for each other, on PostgreSQL', () => {
  const engine = ownPostgres('deadlock', counts)

  test('are both done: the one that the server ends is sent again', async () => {
    const db = engine().database(counts)
    await Promise.all([tellBoth('a', 'b').execute(db), tellBoth('b', 'a').execute(db)])
    const { rows } = await sql`select id, told from count order by id`.execute(db)
    expect(rows).toEqual([
      { id: 'a', told: 2 },
      { id: 'b', told: 2 },
    ])
  })

  test('in transactions one of them fails as a whole: what came before it is undone, and nobody here knows it', async () => {
    const db = engine().database(counts)
    const done = await Promise.allSettled(
      [tellBoth('a', 'b'), tellBoth('b', 'a')].map((both) =>
        db.transaction().execute((transaction) => both.execute(transaction)),
      ),
    )
    expect(done.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const { rows } = await sql`select id, told from count order by id`.execute(db)
    expect(rows).toEqual([
      { id: 'a', told: 3 },
      { id: 'b', told: 3 },
    ])
  })
})
