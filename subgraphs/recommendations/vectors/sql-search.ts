import { type Kysely, type RawBuilder, sql } from 'kysely'
import { alive, blocked, holdersOf } from '../../standing/sql-alive.ts'
import { bestFirst } from './exact-search.ts'
import type { KeptModel } from './sql-models.ts'
import { textOf } from './vector-text.ts'
import type { Eligible, Found, PeopleSearch, Search } from './vector-store.ts'

/** What is looked at: a table, what is eligible in it, and how its rows are called. */
interface Looked {
  readonly table: 'item' | 'person'
  readonly id: 'item' | 'pid'
  readonly where: RawBuilder<unknown>
  /** All that could be eligible, whichever are asked for: whether these are many is remembered for a while. */
  readonly all: { readonly name: string; readonly rows: RawBuilder<unknown> }
  /** The rows of these, one by one, where they are few: the planner would read the whole table for them. */
  readonly few: { readonly rows: RawBuilder<unknown>; readonly where: RawBuilder<unknown> }
  readonly isIndexed: boolean
}

export interface Tuning {
  /** With fewer eligible rows all of them are looked at, which is quicker and misses none. */
  readonly exactUpTo: number
  /** How many candidates the index keeps at once: more are slower and miss less. */
  readonly candidates: number
}

export const TUNING: Tuning = { exactUpTo: 1_500, candidates: 100 }

/** What is known of how much is eligible, for a while: it decides how is searched, and never what is found. */
export type Sizes = Map<string, { readonly isLarge: boolean; readonly until: number }>

export interface Searching {
  readonly db: Kysely<never>
  readonly tuning: Tuning
  readonly sizes: Sizes
}

type KeptSearch = Search & { readonly model: KeptModel }

export function findItems(search: KeptSearch, searching: Searching): Promise<readonly Found[]> {
  const { model, eligible } = search
  const all = sql`item.model = ${sql.lit(model.id)}`
  const where = sql`${all} and ${among('item.item', eligible)}`
  return find(search, searching, {
    table: 'item',
    id: 'item',
    where,
    all: { name: `items ${model.id}`, rows: sql`item where ${all}` },
    few: { rows: sql`item`, where },
    isIndexed: model.indexed.includes('item'),
  })
}

/** Consent is asked in the statement itself, so that nobody is found whose yes was taken back a moment ago. */
export function findPeople(
  search: PeopleSearch & KeptSearch,
  searching: Searching,
): Promise<readonly Found[]> {
  const { model, eligible, scope, now } = search
  const own = sql`person.model = ${sql.lit(model.id)}`
  const granted = sql`standing where standing.scope = ${scope} and standing.granted`
  return find(search, searching, {
    table: 'person',
    id: 'pid',
    where: sql`${own} and person.embedding is not null and ${consents(search)} and ${among('person.pid', eligible)}`,
    all: { name: `people ${model.id} ${scope}`, rows: granted },
    few: {
      rows: sql`${holdersOf(sql`${scope}`, now)} as few cross join lateral (select * from person
        where ${own} and person.pid = held_pid and person.scope = ${scope} and person.consent_revision > held_cut offset 0) as person`,
      where: sql`person.embedding is not null and not ${blocked('person.pid')} and ${among('person.pid', eligible)}`,
    },
    isIndexed: model.indexed.includes('person'),
  })
}

export const consents = ({ scope, now }: PeopleSearch): RawBuilder<unknown> => sql`person.scope = ${scope}
  and ${alive({ pid: 'person.pid', scope: 'person.scope', revision: 'person.consent_revision' }, now)}
  and not ${blocked('person.pid')}`

export const among = (column: string, { only, except = [] }: Eligible = {}): RawBuilder<unknown> => {
  const allowed = only === undefined ? sql`true` : sql`${sql.ref(column)} = any(${[...only]}::text[])`
  const other = except.length === 0 ? sql`true` : sql`${sql.ref(column)} <> all(${[...except]}::text[])`
  return sql`${allowed} and ${other}`
}

async function find(search: KeptSearch, searching: Searching, looked: Looked): Promise<readonly Found[]> {
  const everything = sql.table(looked.table)
  if (!looked.isIndexed) return scanAll(search, searching, { ...looked, rows: everything })
  const { only } = search.eligible ?? {}
  if (only !== undefined && only.length <= searching.tuning.exactUpTo)
    return scanAll(search, searching, { ...looked, rows: everything })
  if (!(await isLarge(searching, looked))) return scanAll(search, searching, { ...looked, ...looked.few })
  const found = await scanIndex(search, searching, looked)
  if (found.length === search.k) return found
  // The index was given up before enough of what it holds was eligible: then everything is looked at.
  return scanAll(search, searching, { ...looked, rows: everything })
}

const REMEMBERED_MS = 10_000

/** Stops counting as soon as the answer is known. */
async function isLarge({ db, tuning, sizes }: Searching, { all }: Looked): Promise<boolean> {
  const known = sizes.get(all.name)
  if (known !== undefined && known.until > performance.now()) return known.isLarge
  const { rows } = await sql`
    select 1 from ${all.rows} offset ${tuning.exactUpTo}::int limit 1`.execute(db)
  const size = { isLarge: rows.length === 1, until: performance.now() + REMEMBERED_MS }
  sizes.set(all.name, size)
  return size.isLarge
}

/**
 * A filter is asked after the index has answered: with the plain scan, which answers so many rows and no more, hardly any or none
 * pass it (pgvector issues 259, 671, 751). `relaxed_order` goes on until enough have. `strict_order` would, too, and drop whoever is
 * nearer than one that was answered before; here more than enough are taken, and put in order afterwards.
 */
async function scanIndex(
  { model, vector, k }: KeptSearch,
  { db, tuning }: Searching,
  { table, id, where }: Looked,
): Promise<readonly Found[]> {
  const type = sql.raw(`vector(${model.dims})`)
  return db.transaction().execute(async (transaction) => {
    await sql`select set_config(name, value, true) from (values ('hnsw.iterative_scan', 'relaxed_order'),
      ('hnsw.ef_search', ${String(tuning.candidates)}::text), ${IN_ORDER}) as given (name, value)`.execute(
      transaction,
    )
    const { rows } = await sql<Row>`
      select ${sql.ref(`${table}.${id}`)} as id, embedding::${type} <#> ${textOf(vector)}::${type} as distance
      from ${sql.table(table)} where ${where}
      order by embedding::${type} <#> ${textOf(vector)}::${type} limit ${k * MORE}`.execute(transaction)
    return foundOf(rows).slice(0, k)
  })
}

/** So many times as many as are wanted. */
const MORE = 2

/** The planner is kept from reading everything and sorting it afterwards, which it thinks little of. */
const IN_ORDER = sql`('enable_sort', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'),
  ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off')`

/** No index is made of the vector without its dimensions, so none is used. */
async function scanAll(
  { vector, k }: Search,
  { db }: Searching,
  { table, id, where, rows: from }: Looked & { readonly rows: RawBuilder<unknown> },
): Promise<readonly Found[]> {
  const { rows } = await sql<Row>`
    select ${sql.ref(`${table}.${id}`)} as id, embedding <#> ${textOf(vector)}::vector as distance
    from ${from} where ${where} order by 2, 1 limit ${k}`.execute(db)
  return foundOf(rows)
}

interface Row {
  readonly id: string
  readonly distance: number
}

/** The operator answers the negative product. */
const foundOf = (rows: readonly Row[]): Found[] =>
  rows.map(({ id, distance }) => ({ id, score: 0 - distance })).toSorted(bestFirst)
