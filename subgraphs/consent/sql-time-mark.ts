import { type Kysely, sql } from 'kysely'
import type { TimeMark } from './expiry-clock.ts'

/** One row. Taken away while the service is stopped, what has run out is judged by the clock of the machine alone again. */
export const timeMarkStatements: readonly string[] = [
  `create table time_mark (
    only_one boolean primary key default true check (only_one),
    latest bigint not null
  )`,
  `grant select, insert, update on time_mark to assent_consent`,
]

/** In PGlite or PostgreSQL 15 and later. */
export function createSqlTimeMark(db: Kysely<unknown>): TimeMark {
  return {
    async read() {
      const { rows } = await sql<{ latest: string }>`select latest::text as latest from time_mark`.execute(db)
      return Number(rows[0]?.latest ?? 0)
    },
    async raise(at) {
      await sql`
        insert into time_mark as old (latest) values (${at}::bigint)
        on conflict (only_one) do update set latest = excluded.latest where old.latest < excluded.latest`.execute(
        db,
      )
    },
  }
}
