import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { handedOutMigration } from '../../subgraphs/recommendations/vectors/migration.ts'
import { createSqlHandedOut } from '../../subgraphs/recommendations/vectors/sql-handed-out.ts'
import type { Handing, KeptHandedOut } from '../../subgraphs/recommendations/vectors/vector-store.ts'

const TABLES = ['handed_out', 'retrieval', 'counted_as'] as const

describe('What was handed out, on a server without the extension', () => {
  let engine: Engine
  let store: KeptHandedOut
  let rewritten = 0

  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [handedOutMigration])
    store = createSqlHandedOut(engine.database<never>(handedOutMigration), async () => void (rewritten += 1))
  })
  beforeEach(async () => {
    for (const table of [...TABLES, 'standing', 'standing_block'])
      // oxlint-disable-next-line no-await-in-loop -- one connection
      await sql`delete from ${sql.table(`handed_out.${table}`)}`.execute(engine.admin)
  })
  afterAll(() => engine.close())

  test('is counted, and follows a person to a new pid', async () => {
    expect(await given('ada', 0, 20)).toHaveLength(20)
    expect(await given('ada', 20, 40)).toEqual([])
    await store.copyPids([{ from: 'ada', to: 'ada-2' }])
    for (const pid of ['ada', 'ada-2'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await given(pid, 20, 40)).toEqual([])
    await store.forgetPids(['ada'])
    expect(await named('ada')).toEqual([])
    expect(await given('ada-2', 20, 40)).toEqual([])
  })

  test('names nobody who was erased, and says that there is something to remove from the files', async () => {
    await given('ada', 0, 20)
    await given('bo', 0, 20)
    await store.copyPids([{ from: 'ada-0', to: 'ada' }])
    expect(await named('ada')).toEqual([...TABLES])
    const blocks = [{ pid: 'ada', kind: 'erased', revision: '2' }] as const
    await store.standings.write([], '2', { blocks })
    expect(await store.purgeDead(NOW), 'twenty results, a line, an elder pid').toBe(22)
    expect(await named('ada')).toEqual([])
    expect(await named('bo')).toEqual(['handed_out', 'retrieval'])
    expect((await store.retrievals(9)).map(({ about }) => about)).toEqual(['bo', null])
    expect(await store.purgeDead(NOW), 'and no more afterwards').toBe(0)
    await store.vacuum()
    expect(rewritten).toBe(1)
  })

  test('is gone after a day, and files are not rewritten for it', async () => {
    await given('ada', 0, 20)
    expect(await store.purgeDead(NOW + 2 * 86_400_000)).toBe(0)
    expect(await named('ada')).toEqual(['retrieval'])
    expect(await given('ada', 20, 40)).toHaveLength(20)
  })

  test.each(['copyPids', 'forgetPids'] as const)('%s changes all of it or nothing', async (change) => {
    await given('ada', 0, 20)
    await sql`create function handed_out.fail() returns trigger language plpgsql as $$ begin raise 'no'; end $$`.execute(
      engine.admin,
    )
    await sql`create trigger fail before update on handed_out.retrieval execute function handed_out.fail()`.execute(
      engine.admin,
    )
    const changed =
      change === 'copyPids' ? store.copyPids([{ from: 'ada', to: 'ada-2' }]) : store.forgetPids(['ada'])
    await expect(changed).rejects.toThrow()
    await sql`drop function handed_out.fail cascade`.execute(engine.admin)
    expect(await named('ada')).toEqual(['handed_out', 'retrieval'])
    expect(await named('ada-2')).toEqual([])
    expect(await given('ada', 20, 40), 'still counted').toEqual([])
  })

  /** In which tables this pid is, in whatever column. */
  const named = async (pid: string): Promise<readonly string[]> => {
    const found = await Promise.all(
      TABLES.map(async (table) => {
        const { rows } = await sql`select from ${sql.table(`handed_out.${table}`)} as kept
          where to_jsonb(kept)::text like ${`%"${pid}"%`}`.execute(engine.admin)
        return rows.length > 0 ? [table] : []
      }),
    )
    return found.flat()
  }

  const given = async (about: string, from: number, until: number): Promise<readonly string[]> => {
    const found = Array.from({ length: until - from }, (_, n) => `item-${from + n}`)
    const line = { at: NOW, client: 'shop', purpose: 'personalization', about, among: 'items' } as const
    const handing: Handing = {
      line: { ...line, model: 'tower-1', k: 20 },
      countedFor: about,
      found,
      wanted: 20,
      most: 20,
      windowMs: 60_000,
    }
    return (await store.handOut([handing]))[0] ?? []
  }
})

const NOW = Date.UTC(2026, 4, 1, 12)
