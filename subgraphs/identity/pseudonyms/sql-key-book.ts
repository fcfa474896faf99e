import { type Kysely, sql } from 'kysely'
import { type BookPage, EMPTY_PAGE, type KeyBook } from './key-book.ts'

/** One row, changed as a whole by whoever read it last: two rotations at once cannot both go on. */
export const keyBookStatements: readonly string[] = [
  `create table key_book (
    only_one boolean primary key default true check (only_one),
    revision bigint not null,
    page jsonb not null
  )`,
  `grant select, insert, update on key_book to assent_identity`,
]

/** The book in PGlite or PostgreSQL, beside the tables of the identity subgraph. */
export function createSqlKeyBook(db: Kysely<unknown>): KeyBook {
  return {
    async read() {
      const { rows } = await sql<{ revision: string; page: Omit<BookPage, 'revision'> }>`
        select revision::text as revision, page from key_book`.execute(db)
      const [row] = rows
      return row === undefined ? EMPTY_PAGE : { ...row.page, revision: Number(row.revision) }
    },
    async write({ revision, ...page }) {
      const text = JSON.stringify(page)
      const { rows } = await (
        revision === 0
          ? sql`insert into key_book (revision, page) values (1, ${text}::jsonb)
            on conflict do nothing returning revision`
          : sql`update key_book set revision = revision + 1, page = ${text}::jsonb
            where revision = ${revision}::bigint returning revision`
      ).execute(db)
      return rows.length > 0
    },
  }
}
