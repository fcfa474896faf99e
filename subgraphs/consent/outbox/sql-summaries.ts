import { type Kysely, sql } from 'kysely'
import type { Revision } from '../store.ts'
import type { Summary } from './outbox-store.ts'

/** Which revisions exactly were settled with whom on which day: a few ranges in place of a row for each. */
export const summaryStatements: readonly string[] = [
  `create table delivery_summary (
    consumer text not null references consumer (name),
    state text not null check (state in ('acknowledged', 'void')),
    day date not null,
    revisions int8multirange not null,
    deliveries bigint not null,
    attempts bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (consumer, state, day)
  )`,
  `grant select, insert, update on delivery_summary to assent_consent`,
  `grant delete on delivery to assent_consent`,
]

/** In one statement: a delivery is in its own row or in the summary, never in neither. Replicas may do it at once. */
export async function summarise(db: Kysely<unknown>, before: number, limit: number): Promise<number> {
  const { rows } = await sql<{ summarised: number }>`
    with old as (
      select consumer, revision from delivery join consumer on name = consumer
      where state in ('acknowledged', 'void') and revision <= position and ${settledAt} < ${instant(before)}
      order by consumer, revision limit ${limit} for update of delivery skip locked
    ), gone as (
      delete from delivery using old
      where delivery.consumer = old.consumer and delivery.revision = old.revision
      returning delivery.*
    ), kept as (
      insert into delivery_summary as summary
        (consumer, state, day, revisions, deliveries, attempts, first_at, last_at)
      select consumer, state, (${settledAt} at time zone 'UTC')::date, range_agg(int8range(revision, revision, '[]')),
        count(*), sum(attempts), min(first_at), max(${settledAt})
      from gone group by 1, 2, 3
      on conflict (consumer, state, day) do update set revisions = summary.revisions + excluded.revisions,
        deliveries = summary.deliveries + excluded.deliveries, attempts = summary.attempts + excluded.attempts,
        first_at = least(summary.first_at, excluded.first_at), last_at = greatest(summary.last_at, excluded.last_at)
    )
    select count(*)::int as summarised from gone`.execute(db)
  return rows[0]?.summarised ?? 0
}

/** When it was acknowledged; what was not any more, when it was last tried. */
const settledAt = sql`coalesce(acknowledged_at, last_at)`

export async function readSummaries(db: Kysely<unknown>, revision: Revision): Promise<readonly Summary[]> {
  const { rows } = await sql<Summary>`
    select consumer, state, day::text from delivery_summary
    where revisions @> ${revision}::bigint order by consumer, day`.execute(db)
  return rows
}

function instant(ms: number) {
  return sql`to_timestamp(${ms}::float8 / 1000.0)`
}
