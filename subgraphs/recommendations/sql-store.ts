import { type Kysely, sql } from 'kysely'
import type { PidHolder } from '../pid-holder.ts'
import type { Migration } from '../database.ts'
import type { Model, Product, RecommendationsStore } from './store.ts'

export interface RecommendationsTables {
  readonly product: Product
  readonly purchase: {
    readonly pid: string
    readonly sku: string
    readonly at: Date
    readonly locale: string
  }
  readonly popularity: { readonly locale: string; readonly sku: string; readonly buyers: number }
  readonly similarity: { readonly sku: string; readonly other: string; readonly score: number }
}

/** Names sort by their bytes, on every server the same. */
export const recommendationsMigration: Migration = {
  schema: 'recommendations',
  role: 'assent_recommendations',
  statements: [
    `create table product (
      sku text collate "C" primary key,
      title text not null,
      category text not null,
      price float8 not null check (price >= 0)
    )`,
    `create index on product (category)`,
    `create table purchase (
      pid text not null,
      sku text collate "C" not null,
      at timestamptz not null,
      locale text not null
    )`,
    `create index on purchase (pid)`,
    `create table popularity (
      locale text not null,
      sku text collate "C" not null,
      buyers int not null,
      primary key (locale, sku)
    )`,
    `create table similarity (
      sku text collate "C" not null,
      other text collate "C" not null,
      score float8 not null,
      primary key (sku, other)
    )`,
    `grant select, insert, delete on product, purchase, popularity, similarity to assent_recommendations`,
  ],
}

/** Recommendations in PGlite or PostgreSQL 15 and later. */
export function createSqlRecommendationsStore(db: Kysely<RecommendationsTables>): RecommendationsStore {
  return {
    async purchases(pids) {
      const { rows } = await sql<{ pid: string; skus: string[] }>`
        select pid, array_agg(distinct sku) as skus from purchase
        where pid = any(${pids}::text[]) group by pid`.execute(db)
      return grouped(pids, new Map(rows.map(({ pid, skus }) => [pid, skus])))
    },
    async products(skus) {
      const { rows } = await sql<Product>`
        select sku, title, category, price from product where sku = any(${skus}::text[])`.execute(db)
      return rows
    },
    async catalogue({ category, first }) {
      const { rows } = await sql<Product>`
        select sku, title, category, price from product
        where ${category}::text is null or category = ${category}::text order by sku limit ${first}`.execute(
        db,
      )
      return rows
    },
    async popular({ locales, category, first }) {
      // Counts of all locales side by side, nearest first; arrays compare from the left.
      const { rows } = await sql<Product>`
        select sku, title, category, price from product
        where ${category}::text is null or category = ${category}::text
        order by (
          select array_agg(coalesce(p.buyers, 0) order by place)
          from unnest(${locales}::text[]) with ordinality as asked (locale, place)
          left join popularity p on p.locale = asked.locale and p.sku = product.sku
        ) desc, sku limit ${first}`.execute(db)
      return rows
    },
    async similar(skus) {
      const { rows } = await sql<{ sku: string; neighbours: { other: string; score: number }[] }>`
        select sku, json_agg(json_build_object('other', other, 'score', score) order by score desc, other) as neighbours
        from similarity where sku = any(${skus}::text[]) group by sku`.execute(db)
      return grouped(skus, new Map(rows.map(({ sku, neighbours }) => [sku, neighbours])))
    },
    ...holdPids(db),
    replace: (model) => db.transaction().execute((transaction) => replaceModel(transaction, model)),
  }
}

const holdPids = (db: Kysely<RecommendationsTables>): PidHolder => ({
  async copyPids(renamed) {
    await sql`insert into purchase (pid, sku, at, locale)
      select renamed."to", purchase.sku, purchase.at, purchase.locale
      from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)
      join purchase on purchase.pid = renamed."from"
      where not exists (select from purchase as own where own.pid = renamed."to")`.execute(db)
  },
  async forgetPids(pids) {
    await sql`delete from purchase where pid = any(${pids}::text[])`.execute(db)
  },
})

const grouped = <T>(
  keys: readonly string[],
  rows: ReadonlyMap<string, readonly T[]>,
): Map<string, readonly T[]> => new Map(keys.map((key) => [key, rows.get(key) ?? []]))

async function replaceModel(db: Kysely<RecommendationsTables>, model: Model): Promise<void> {
  for (const table of ['product', 'purchase', 'popularity', 'similarity'] as const) {
    await db.deleteFrom(table).execute()
  }
  const purchases = model.purchases.map((one) => ({ ...one, at: new Date(one.at).toISOString() }))
  await insert(db, 'product', model.products)
  await insert(db, 'purchase', purchases)
  await insert(db, 'popularity', model.popularity)
  await insert(db, 'similarity', model.similarities)
}

/** Columns are named after the fields of the rows, so the table's own row type reads them. */
async function insert(
  db: Kysely<RecommendationsTables>,
  table: keyof RecommendationsTables,
  rows: readonly object[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += 10_000) {
    const given = JSON.stringify(rows.slice(start, start + 10_000))
    await sql`insert into ${sql.table(table)}
      select * from jsonb_populate_recordset(null::${sql.table(table)}, ${given}::jsonb)`.execute(db)
  }
}
