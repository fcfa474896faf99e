import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, type Migration, migrate, openPglite, prepared } from '../../subgraphs/database.ts'

const shop: Migration = {
  schema: 'shop',
  role: 'shop_owner',
  statements: ['create table visit (name text)', 'grant select, insert on visit to shop_owner'],
}
const bank: Migration = {
  schema: 'bank',
  role: 'bank_owner',
  statements: ['create table account (name text)', 'grant select on account to bank_owner'],
}

let engine: Engine
let asShop: Kysely<unknown>
let asBank: Kysely<unknown>

beforeAll(async () => {
  engine = await openPglite()
  await migrate(engine, [shop, bank])
  asShop = engine.database(shop)
  asBank = engine.database(bank)
})
afterAll(() => engine.close())

describe('Owners who share one database', () => {
  test('find their own tables by name, whoever asked before them', async () => {
    await sql`insert into visit values ('ada')`.execute(asShop)
    const asked = await Promise.all([
      sql`select name from visit`.execute(asShop),
      sql`select name from account`.execute(asBank),
      sql`select name from visit`.execute(asShop),
    ])
    expect(asked.map(({ rows }) => rows)).toEqual([[{ name: 'ada' }], [], [{ name: 'ada' }]])
  })

  test.each<[string, () => Kysely<unknown>, string]>([
    ['read another’s tables', () => asBank, 'select * from shop.visit'],
    ['do what they were not given', () => asBank, "insert into account values ('bo')"],
    ['make tables', () => asShop, 'create table more (name text)'],
    ['read which statements made theirs', () => asShop, 'select * from migration'],
  ])('cannot %s', async (_what, as, statement) => {
    await expect(sql.raw(statement).execute(as())).rejects.toMatchObject({ code: '42501' })
  })

  test('have a statement with a name planned once, each with their own rights and tables', async () => {
    const visits = () =>
      sql<{ seen: boolean }>`${prepared('visits')}select exists (select from shop.visit) as seen`
    for (const _time of [1, 2]) expect((await visits().execute(asShop)).rows).toEqual([{ seen: true }])
    await expect(visits().execute(asBank)).rejects.toMatchObject({ code: '42501' })
    const { rows } = await sql`select name from pg_prepared_statements`.execute(asShop)
    expect(rows).toEqual([{ name: 'visits' }])
  })

  test('do not come into one another’s transactions', async () => {
    const order: string[] = []
    const first = asShop.transaction().execute(async (transaction) => {
      await sql`insert into visit values ('bo')`.execute(transaction)
      order.push('written')
      throw new Error('rolled back')
    })
    const second = sql`select count(*)::int as count from account`
      .execute(asBank)
      .then(() => order.push('read'))
    await expect(first).rejects.toThrow('rolled back')
    await second
    expect(order).toEqual(['written', 'read'])
    expect((await sql`select name from visit where name = 'bo'`.execute(asShop)).rows).toEqual([])
  })

  test('are still served after somebody came whose role does not exist', async () => {
    const asNobody = engine.database({ schema: 'shop', role: 'nobody_at_all' })
    await expect(sql`select 1`.execute(asNobody)).rejects.toThrow('does not exist')
    expect((await sql`select current_user as role`.execute(asShop)).rows).toEqual([{ role: 'shop_owner' }])
  })
})

describe('Tables', () => {
  test('are made once, and grow by what is appended', async () => {
    const grown = { ...shop, statements: [...shop.statements, 'alter table visit add at timestamptz'] }
    await migrate(engine, [shop])
    await migrate(engine, [grown])
    await migrate(engine, [grown])
    const { rows } = await sql`select * from visit where name = 'ada'`.execute(asShop)
    expect(rows).toEqual([{ name: 'ada', at: null }])
  })

  test.each<[string, readonly string[]]>([
    ['with a statement that was edited', ['create table visit (nom text)']],
    ['with fewer statements than made them', ['create table account (name text)']],
  ])('of another version are refused, %s', async (_how, statements) => {
    await expect(migrate(engine, [{ ...bank, statements }])).rejects.toMatchObject({
      code: 'SCHEMA_OF_ANOTHER_VERSION',
    })
  })

  test('are not half made when a statement fails', async () => {
    const broken = {
      schema: 'half',
      role: 'half_owner',
      statements: ['create table one (x int)', 'create nonsense'],
    }
    await expect(migrate(engine, [broken])).rejects.toThrow()
    const { rows } = await sql`select 1 from pg_namespace where nspname = 'half'`.execute(engine.admin)
    expect(rows).toEqual([])
  })

  test('are made for roles with plain names only', async () => {
    await expect(migrate(engine, [{ ...bank, role: "x'; drop schema bank" }])).rejects.toThrow(TypeError)
  })
})
