import { type Kysely, sql } from 'kysely'
import type { LookupLog } from './lookup-log.ts'

/** The service may add to it and read it, and neither change nor remove what is there. */
export const lookupLogStatements: readonly string[] = [
  `create table lookup (
    position bigint generated always as identity primary key,
    at timestamptz not null,
    client text not null,
    actor text,
    purpose text not null,
    request text not null,
    kind text not null
  )`,
  `create index lookup_of_client on lookup (client, at)`,
  `grant select, insert on lookup to assent_identity`,
]

/** Lookups in PGlite or PostgreSQL: the limit holds for all replicas together, and after a restart. */
export const createSqlLookupLog = (db: Kysely<unknown>): LookupLog => ({
  async append({ at, client, actor, purpose, request, kind }, since) {
    await sql`insert into lookup (at, client, actor, purpose, request, kind)
      values (to_timestamp(${at / 1000}), ${client}, ${actor}, ${purpose}, ${request}, ${kind})`.execute(db)
    const { rows } = await sql<{ count: string }>`select count(*) as count from lookup
      where client = ${client} and at > to_timestamp(${since / 1000})`.execute(db)
    return Number(rows[0]?.count)
  },
})
