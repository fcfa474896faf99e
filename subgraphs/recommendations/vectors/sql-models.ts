import { type Kysely, sql } from 'kysely'
import type { ItemVector, VectorModel } from './vector-store.ts'
import { textOf } from './vector-text.ts'

/** A model as the tables know it. */
export interface KeptModel extends VectorModel {
  readonly id: number
  /** Of which of its tables there is an index. */
  readonly indexed: readonly Indexed[]
}

type Indexed = 'item' | 'person'

export async function readModel(db: Kysely<never>, name: string): Promise<KeptModel | null> {
  const { rows } = await sql<KeptModel>`
    select id, name, dims, card, array(
      select each_of from unnest(array['item', 'person']) as each_of
      where to_regclass(format('vectors.%I', each_of || '_of_' || model.id)) is not null) as indexed
    from model where name = ${name} and not is_retired`.execute(db)
  return rows[0] ?? null
}

/** False when the name is taken; one that was retired comes back. */
export const publish = (
  db: Kysely<never>,
  { name, dims, card }: VectorModel,
  items: readonly ItemVector[],
): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: number }>`
      insert into model (name, dims, card) values (${name}, ${dims}, ${card})
      on conflict (name) do update set is_retired = false, used_at = excluded.used_at where model.is_retired
      returning id`.execute(transaction)
    const [made] = rows
    if (made === undefined) return false
    for (let start = 0; start < items.length; start += AT_ONCE) {
      const part = items.slice(start, start + AT_ONCE)
      // oxlint-disable-next-line no-await-in-loop -- one connection
      await sql`insert into item (model, item, embedding)
        select ${made.id}::int, item, embedding::vector from unnest(${part.map(({ item }) => item)}::text[],
          ${part.map(({ vector }) => textOf(vector))}::text[]) as given (item, embedding)`.execute(
        transaction,
      )
    }
    return true
  })

const AT_ONCE = 5_000

/** The indexes are dropped by the engine's own user, to whom the tables belong. */
export async function retire(db: Kysely<never>, admin: Kysely<unknown>, name: string): Promise<void> {
  const model = await readModel(db, name)
  if (model === null) return
  for (const table of model.indexed)
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await sql`drop index if exists vectors.${sql.id(indexName(table, model.id))}`.execute(admin)
  await db.transaction().execute(async (transaction) => {
    await sql`update model set is_retired = true where id = ${model.id}`.execute(transaction)
    await sql`delete from item where model = ${model.id}`.execute(transaction)
    await sql`delete from person where model = ${model.id}`.execute(transaction)
  })
}

export const noteUse = async (db: Kysely<never>, name: string, now: number): Promise<void> =>
  void (await sql`update model set used_at = greatest(used_at, ${now}) where name = ${name}`.execute(db))

export async function unusedSince(db: Kysely<never>, moment: number): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from model where not is_retired and used_at < ${moment} order by name`.execute(db)
  return rows.map(({ name }) => name)
}

export interface Indexing {
  /** Fewer rows are scanned quickly enough. */
  readonly from: number
  /** More neighbours, and more candidates while they are looked for: slower to make and larger, and fewer are missed. */
  readonly neighbours: number
  readonly candidates: number
}

export const INDEXING: Indexing = { from: 10_000, neighbours: 16, candidates: 128 }

/** Anew, since an index that has grown row by row finds less than one that is made of all. */
export async function makeIndexes(
  admin: Kysely<unknown>,
  { id, dims }: KeptModel,
  { from, neighbours, candidates }: Indexing,
): Promise<void> {
  const width = sql.lit(dims)
  const making = sql`with (m = ${sql.lit(neighbours)}, ef_construction = ${sql.lit(candidates)})`
  for (const table of ['item', 'person'] as const) {
    const name = sql.id(indexName(table, id))
    // As the search says it: an index of a part is used where the query says which part.
    const part =
      table === 'item' ? sql`model = ${sql.lit(id)}` : sql`model = ${sql.lit(id)} and embedding is not null`
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await admin.transaction().execute(async (transaction) => {
      await sql`select set_config('search_path', format('vectors, %I', nspname), true) from pg_extension
        join pg_namespace on pg_namespace.oid = extnamespace where extname = 'vector'`.execute(transaction)
      await sql`drop index if exists ${name}`.execute(transaction)
      const { rows } = await sql`
        select 1 from ${sql.table(table)} where ${part} offset ${from - 1}::int limit 1`.execute(transaction)
      if (rows.length === 0) return
      await sql`create index ${name} on ${sql.table(table)}
        using hnsw ((embedding::vector(${width})) vector_ip_ops) ${making} where ${part}`.execute(transaction)
    })
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await sql`analyze ${sql.table(`vectors.${table}`)}`.execute(admin)
  }
}

const indexName = (table: Indexed, id: number): string => `${table}_of_${id}`
