import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { alive, dead } from '../../subgraphs/standing/sql-alive.ts'
import { openSqlStandings, standingMigration } from '../support/sql-standings.ts'
import { standingStoreContract } from './standing-store.contract.ts'

standingStoreContract('memory', async () => {
  const store = createMemoryStandings()
  return {
    store,
    isAlive: async (row, now) => store.isAlive(row, now),
    blockOf: async (pid) => (store.isErased(pid) ? 'erased' : store.isBlocked(pid) ? 'suppressed' : null),
  }
})

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [standingMigration])
  })
  afterAll(() => engine.close())

  standingStoreContract('PGlite', () => openSqlStandings(engine))

  test('what was heard and how far it was heard are written together or not at all', async () => {
    const { store } = await openSqlStandings(engine)
    const heard = { pid: 'ada', scope: 'analytics', granted: true, receipt: 'rc-1', expiresAt: null }
    const broken = { ...heard, revision: 'not a number', cut: '0', basis: '7' }
    await expect(store.write([broken], '7')).rejects.toThrow()
    await expect(
      store.write([{ ...heard, revision: '7', cut: '0', basis: '7' }], 'not a number'),
    ).rejects.toThrow()
    expect([await store.mark(), await store.of([heard])]).toEqual(['0', []])
  })

  test('how far it was heard is one number', async () => {
    const db = engine.database(standingMigration)
    await expect(
      sql`insert into standing_mark (single, revision) values (false, 1)`.execute(db),
    ).rejects.toMatchObject({ code: '23514' })
  })

  test('a row that rests on no consent is not alive by one, and dead only with its person', async () => {
    const { store } = await openSqlStandings(engine)
    await store.write([], '7', { blocks: [{ pid: 'bo', kind: 'erased', revision: '7' }] })
    const { rows } = await sql<{ alive: boolean; dead: boolean }>`
      select ${alive(COLUMNS, 0)} as alive, ${dead(COLUMNS, 0)} as dead
      from (values ('ada', null, null::bigint), ('bo', null, null)) as given (pid, scope, revision) order by pid`.execute(
      engine.database(standingMigration),
    )
    expect(rows).toEqual([
      { alive: false, dead: false },
      { alive: false, dead: true },
    ])
  })
})

const COLUMNS = { pid: 'pid', scope: 'scope', revision: 'revision' }
