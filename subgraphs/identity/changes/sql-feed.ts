import { type Kysely, sql } from 'kysely'
import type { IdentityChange } from '../graph/decision.ts'
import type {
  ChangeFeed,
  ConsumerTerms,
  DeliveryLease,
  FedChange,
  FeedConsumer,
  Position,
} from './change-feed.ts'

/** Beside the tables of the graph, also where the graph is in Neo4j. */
export const feedStatements: readonly string[] = [
  `create table identity_change (
    position bigint primary key,
    id text not null unique,
    body json not null,
    recorded_at timestamptz not null default clock_timestamp()
  )`,
  `create table change_consumer (
    name text primary key,
    kind text not null check (kind in ('pull', 'webhook')),
    sla_ms bigint not null,
    position bigint not null,
    handed_out bigint not null,
    registered boolean not null default true,
    holder text,
    held_until timestamptz,
    check (position <= handed_out)
  )`,
  `grant select, insert on identity_change to assent_identity`,
  `grant select, insert, update on change_consumer to assent_identity`,
]

/** The feed in PGlite or PostgreSQL 15 and later. */
export function createSqlFeed(db: Kysely<unknown>): ChangeFeed {
  const listeners = new Set<() => void>()
  return {
    async append(changes) {
      if (changes.length === 0) return
      await append(db, changes)
      for (const listener of listeners) listener()
    },
    after: (position, limit) => readAfter(db, position, limit),
    async newest() {
      const { rows } = await sql<{ newest: string }>`
        select coalesce(max(position), 0)::text as newest from identity_change`.execute(db)
      return rows[0]?.newest ?? '0'
    },
    ...consumersIn(db),
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Writers take turns, so that positions become visible in order and nobody skips one that is committed later. */
async function append(db: Kysely<unknown>, changes: readonly IdentityChange[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('assent.identity.changes'))`.execute(transaction)
    await sql`
      insert into identity_change (position, id, body)
      select (select coalesce(max(position), 0) from identity_change) + row_number() over (order by place), id, body
      from json_array_elements(${JSON.stringify(changes)}::json) with ordinality as given (body, place),
        lateral (select body ->> 'id' as id) named
      where not exists (select from identity_change known where known.id = named.id)`.execute(transaction)
  })
}

async function readAfter(
  db: Kysely<unknown>,
  position: Position,
  limit: number,
): Promise<readonly FedChange[]> {
  const { rows } = await sql<{ position: string; body: IdentityChange; recorded_at: Date }>`
    select position, body, recorded_at from identity_change where position > ${position}::bigint
    order by position limit ${limit}`.execute(db)
  return rows.map(({ position: place, body, recorded_at: recordedAt }) => ({
    ...body,
    position: place,
    recordedAt: recordedAt.getTime(),
  }))
}

type OfConsumers = 'configure' | 'consumers' | 'handOut' | 'acknowledge' | 'areHeard' | 'take'

function consumersIn(db: Kysely<unknown>): Pick<ChangeFeed, OfConsumers> {
  return {
    configure: (consumers) => configure(db, consumers),
    async consumers() {
      const { rows } = await sql<FeedConsumer & { readonly slaMs: string }>`
        select name, kind, sla_ms as "slaMs", position, handed_out as "handedOut" from change_consumer
        where registered order by name collate "C"`.execute(db)
      return rows.map((row) => ({ ...row, slaMs: Number(row.slaMs) }))
    },
    async handOut(consumer, upTo) {
      await sql`
        update change_consumer set handed_out = greatest(handed_out, ${upTo}::bigint)
        where name = ${consumer}`.execute(db)
    },
    async acknowledge(consumer, upTo) {
      const { rows } = await sql`
        update change_consumer set position = greatest(position, ${upTo}::bigint)
        where name = ${consumer} and handed_out >= ${upTo}::bigint returning 1`.execute(db)
      return rows.length > 0
    },
    async areHeard(ids) {
      const { rows } = await sql<{ heard: boolean }>`
        select count(*) = ${new Set(ids).size}::int and coalesce(max(position), 0) <=
          (select coalesce(min(position), 9223372036854775807) from change_consumer where registered) as heard
        from identity_change where id = any(${ids}::text[])`.execute(db)
      return rows[0]?.heard ?? false
    },
    take: (lease) => take(db, lease),
  }
}

async function configure(
  db: Kysely<unknown>,
  consumers: readonly (ConsumerTerms & { readonly start: Position })[],
): Promise<void> {
  const terms = JSON.stringify(consumers)
  await sql`
    with given as (
      select name, kind, "slaMs", start
      from jsonb_to_recordset(${terms}::jsonb) as c(name text, kind text, "slaMs" bigint, start bigint)
    ), gone as (
      update change_consumer set registered = false where name not in (select name from given)
    )
    insert into change_consumer (name, kind, sla_ms, position, handed_out)
    select name, kind, "slaMs", start, start from given
    on conflict (name) do update set kind = excluded.kind, sla_ms = excluded.sla_ms, registered = true`.execute(
    db,
  )
}

async function take(db: Kysely<unknown>, { consumer, holder, ms }: DeliveryLease): Promise<boolean> {
  const { rows } = await sql`
    update change_consumer
    set holder = ${holder}, held_until = clock_timestamp() + ${ms} * interval '1 millisecond'
    where name = ${consumer} and (holder is null or holder = ${holder} or held_until <= clock_timestamp())
    returning 1`.execute(db)
  return rows.length > 0
}
