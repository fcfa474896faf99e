import { type Kysely, sql } from 'kysely'
import type { FirstSeen } from './first-seen.ts'

/** Not evidence, only memory: the role may remove what has run out. Holds digests, never a pid. */
export const firstSeenStatements: readonly string[] = [
  `create table first_seen (
    key text primary key,
    value text not null,
    until bigint not null
  )`,
  `create index on first_seen (until)`,
  `grant select, insert, update, delete on first_seen to assent_consent`,
]

const SWEEP_EVERY = 1_000
const SWEPT_AT_ONCE = 5_000

interface Row {
  readonly value: string
  readonly is_new: boolean
}

/** In PGlite or PostgreSQL 15 and later: replicas that share a database share what they remember. */
export function createSqlFirstSeen(db: Kysely<unknown>): FirstSeen {
  let untilSweep = SWEEP_EVERY
  return {
    async remember(key, value, { now, until }) {
      if (--untilSweep <= 0) {
        untilSweep = SWEEP_EVERY
        await sweep(db, now)
      }
      for (;;) {
        // Of two that come at once, the second waits for the first, finds the row taken, and sees it when it asks again.
        const { rows } = await sql<Row>`
          with added as (
            insert into first_seen (key, value, until)
            values (${key}, ${value}, ${until}::bigint)
            on conflict (key) do update
              set value = excluded.value, until = excluded.until
              where first_seen.until <= ${now}::bigint
            returning value
          )
          select value, true as is_new from added
          union all
          select value, false from first_seen
            where key = ${key} and until > ${now}::bigint and not exists (select from added)`.execute(db)
        const [row] = rows
        if (row !== undefined) return { value: row.value, isNew: row.is_new }
      }
    },
  }
}

async function sweep(db: Kysely<unknown>, now: number): Promise<void> {
  await sql`delete from first_seen where key in
    (select key from first_seen where until <= ${now}::bigint limit ${SWEPT_AT_ONCE})`.execute(db)
}
