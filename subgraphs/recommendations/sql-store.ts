import { type Kysely, sql } from 'kysely'
import type { Migration } from '../database.ts'
import type { Product, RecommendationsStore } from './store.ts'

export interface RecommendationsTables {
  readonly product: Product
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
    // What people bought, and exact counts of it, were kept here once, beside what they agreed to.
    `drop table purchase, popularity, similarity`,
  ],
}

/** The catalogue in PGlite or PostgreSQL 15 and later. */
export function createSqlRecommendationsStore(db: Kysely<RecommendationsTables>): RecommendationsStore {
  return {
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
    async skusOf(category) {
      const { rows } = await sql<Pick<Product, 'sku'>>`
        select sku from product where category = ${category} order by sku`.execute(db)
      return rows.map(({ sku }) => sku)
    },
    replace: (products) => db.transaction().execute((transaction) => replaceProducts(transaction, products)),
  }
}

async function replaceProducts(
  db: Kysely<RecommendationsTables>,
  products: readonly Product[],
): Promise<void> {
  await db.deleteFrom('product').execute()
  for (let start = 0; start < products.length; start += AT_ONCE) {
    const given = JSON.stringify(products.slice(start, start + AT_ONCE))
    // Columns are named after the fields of the rows, so the table's own row type reads them.
    // oxlint-disable-next-line no-await-in-loop -- one transaction is one connection
    await sql`insert into product select * from jsonb_populate_recordset(null::product, ${given}::jsonb)`.execute(
      db,
    )
  }
}

const AT_ONCE = 10_000
