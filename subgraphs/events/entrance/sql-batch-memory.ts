import { type Kysely, sql } from 'kysely'
import type { BatchMemory, RememberedBatch } from './batch-memory.ts'

export const BATCH_TABLES: readonly string[] = [
  `create table batch (
    source text not null,
    key text not null,
    digest text not null,
    answer text not null,
    until timestamptz not null,
    primary key (source, key)
  )`,
  `create index on batch (until)`,
  `grant select, insert, delete on batch to assent_events`,
]

/** In PGlite or PostgreSQL 15 and later. */
export function createSqlBatchMemory(db: Kysely<unknown>): BatchMemory {
  return {
    async find(source, key, now) {
      const { rows } = await sql<RememberedBatch>`select digest, answer as outcomes from batch
        where source = ${source} and key = ${key} and until > ${new Date(now)}::timestamptz`.execute(db)
      return rows[0] ?? null
    },
    async keep(source, key, { digest, outcomes, until }) {
      await sql`insert into batch (source, key, digest, answer, until)
        values (${source}, ${key}, ${digest}, ${outcomes}, ${new Date(until)}::timestamptz)
        on conflict do nothing`.execute(db)
    },
    async forget(now) {
      await sql`delete from batch where until <= ${new Date(now)}::timestamptz`.execute(db)
    },
  }
}
