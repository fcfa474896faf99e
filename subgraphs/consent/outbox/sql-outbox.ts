import { type Kysely, sql } from 'kysely'
import type { Revision } from '../store.ts'
import type { Consumer } from './consumer.ts'
import {
  type Delivery,
  type HandedOut,
  type Lease,
  LeaseLost,
  type OutboxStore,
  type Settlement,
} from './outbox-store.ts'
import { readSummaries, summarise } from './sql-summaries.ts'

/** A delivery names a revision and a consumer, and no person: what a person's erasure removes is not repeated here. */
export const outboxStatements: readonly string[] = [
  `create table consumer (
    name text primary key,
    kind text not null check (kind in ('pull', 'webhook', 'nats')),
    scopes text[],
    url text,
    sla_ms bigint not null check (sla_ms > 0),
    status text not null default 'active' check (status in ('active', 'gone')),
    position bigint not null,
    handed_out bigint not null check (handed_out >= position),
    holder text,
    held_until timestamptz
  )`,
  `create table delivery (
    consumer text not null references consumer (name),
    revision bigint not null,
    state text not null check (state in ('pending', 'acknowledged', 'escalated')),
    attempts int not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    acknowledged_at timestamptz,
    reason text,
    next_at timestamptz,
    primary key (consumer, revision),
    check ((state = 'acknowledged') = (acknowledged_at is not null))
  )`,
  `create index on delivery (revision)`,
  `create index on delivery (consumer, revision) where state <> 'acknowledged'`,
  `grant select, insert, update on consumer, delivery to assent_consent`,
]

/** A change of somebody who was erased meanwhile is no longer there to be told. */
export const voidDeliveries: readonly string[] = [
  `alter table delivery drop constraint delivery_state_check,
    add constraint delivery_state_check check (state in ('pending', 'acknowledged', 'escalated', 'void'))`,
]

/** In PGlite or PostgreSQL 15 and later. */
export function createSqlOutbox(db: Kysely<unknown>): OutboxStore {
  return {
    configure: (consumers) => configure(db, consumers),
    consumers: () => readConsumers(db),
    handOut: (consumer, page) => handOut(db, consumer, page),
    acknowledge: (consumer, upTo, at) => acknowledge(db, { consumer, upTo, at }),
    take: (lease) => take(db, lease),
    async release({ consumer, holder }) {
      await sql`update consumer set holder = null, held_until = null
        where name = ${consumer} and holder = ${holder}`.execute(db)
    },
    async open(consumer, limit) {
      const { rows } = await sql<DeliveryRow>`
        select ${columns} from delivery
        where consumer = ${consumer}
          and (state = 'pending' or revision > (select position from consumer where name = ${consumer}))
        order by revision limit ${limit}`.execute(db)
      return rows.map(toDelivery)
    },
    begin: (lease, revisions, at) => begin(db, { lease, revisions, at }),
    settle: (lease, settlements, position) => settle(db, { lease, settlements, position }),
    async setStatus(consumer, status) {
      await sql`update consumer set status = ${status} where name = ${consumer}`.execute(db)
    },
    redeliver: (consumer, revisions, at) => redeliver(db, { consumer, revisions, at }),
    async deliveries(revision) {
      const { rows } = await sql<DeliveryRow>`
        select ${columns} from delivery where revision = ${revision}::bigint order by consumer`.execute(db)
      return rows.map(toDelivery)
    },
    summarise: (before, limit) => summarise(db, before, limit),
    summaries: (revision) => readSummaries(db, revision),
  }
}

async function configure(
  db: Kysely<unknown>,
  consumers: Parameters<OutboxStore['configure']>[0],
): Promise<void> {
  await sql`
    insert into consumer (name, kind, scopes, url, sla_ms, position, handed_out)
    select name, kind, scopes, url, "slaMs", start, start
    from jsonb_to_recordset(${JSON.stringify(consumers)}::jsonb)
      as c(name text, kind text, scopes text[], url text, "slaMs" bigint, start bigint)
    on conflict (name) do update set
      kind = excluded.kind, scopes = excluded.scopes, url = excluded.url, sla_ms = excluded.sla_ms`.execute(
    db,
  )
}

type ConsumerRow = Omit<Consumer, 'slaMs' | 'handedOut'> & {
  readonly sla_ms: string
  readonly handed_out: string
}

async function readConsumers(db: Kysely<unknown>): Promise<readonly Consumer[]> {
  const { rows } = await sql<ConsumerRow>`
    select name, kind, scopes, url, sla_ms, status, position, handed_out,
      count(revision) filter (where state = 'escalated')::int as escalated,
      count(revision) filter (where state = 'pending' and reason is not null)::int as retrying
    from consumer left join delivery on delivery.consumer = name and state <> 'acknowledged'
    group by name order by name collate "C"`.execute(db)
  return rows.map(({ sla_ms: slaMs, handed_out: handedOut, ...row }) => ({
    ...row,
    slaMs: Number(slaMs),
    handedOut,
  }))
}

async function handOut(
  db: Kysely<unknown>,
  consumer: string,
  { revisions, upTo, at }: HandedOut,
): Promise<void> {
  await sql`
    with known as (
      update consumer set handed_out = greatest(handed_out, ${upTo}::bigint) where name = ${consumer}
      returning name, position
    )
    ${attempts(sql`known`, revisions, at)}`.execute(db)
}

async function acknowledge(
  db: Kysely<unknown>,
  { consumer, upTo, at }: { consumer: string; upTo: Revision; at: number },
): Promise<boolean> {
  const { rows } = await sql`
    with moved as (
      update consumer set position = greatest(position, ${upTo}::bigint)
      where name = ${consumer} and handed_out >= ${upTo}::bigint returning name
    ), acknowledged as (
      update delivery set state = 'acknowledged', acknowledged_at = ${instant(at)}, next_at = null
      from moved where consumer = moved.name and revision <= ${upTo}::bigint and state = 'pending'
    )
    select 1 from moved`.execute(db)
  return rows.length > 0
}

async function take(db: Kysely<unknown>, { consumer, holder, ms }: Lease): Promise<boolean> {
  const { rows } = await sql`
    update consumer set holder = ${holder}, held_until = clock_timestamp() + ${ms} * interval '1 millisecond'
    where name = ${consumer} and (holder is null or holder = ${holder} or held_until <= clock_timestamp())
    returning 1`.execute(db)
  return rows.length > 0
}

async function begin(
  db: Kysely<unknown>,
  { lease, revisions, at }: { lease: Lease; revisions: readonly Revision[]; at: number },
): Promise<void> {
  const { rows } = await sql`
    with mine as (${prolonged(lease)}), begun as (${attempts(sql`mine`, revisions, at)})
    select 1 from mine`.execute(db)
  if (rows.length === 0) throw new LeaseLost(lease.consumer)
}

async function settle(
  db: Kysely<unknown>,
  { lease, settlements, position }: { lease: Lease; settlements: readonly Settlement[]; position: Revision },
): Promise<void> {
  const { rows } = await sql`
    with mine as (${prolonged(lease, position)}), settled as (
      update delivery set state = s.state, reason = s.reason, next_at = to_timestamp(s."nextAt" / 1000.0),
        acknowledged_at = case when s.state = 'acknowledged' then to_timestamp(s.at / 1000.0) end
      from mine, jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb)
        as s(revision bigint, state text, reason text, "nextAt" float8, at float8)
      where consumer = mine.name and delivery.revision = s.revision
    )
    select 1 from mine`.execute(db)
  if (rows.length === 0) throw new LeaseLost(lease.consumer)
}

async function redeliver(
  db: Kysely<unknown>,
  { consumer, revisions, at }: { consumer: string; revisions: readonly Revision[] | null; at: number },
): Promise<number> {
  const { rows } = await sql`
    update delivery set state = 'pending', attempts = 0, next_at = ${instant(at)}
    where consumer = ${consumer} and state = 'escalated'
      and (${revisions === null} or revision = any(${revisions ?? []}::bigint[]))
    returning 1`.execute(db)
  return rows.length
}

/** The row of a consumer whose lease is this one's, locked and prolonged: who takes over meanwhile waits for us. */
function prolonged({ consumer, holder, ms }: Lease, position: Revision = '0') {
  return sql`
    update consumer set held_until = clock_timestamp() + ${ms} * interval '1 millisecond',
      position = greatest(position, ${position}::bigint), handed_out = greatest(handed_out, ${position}::bigint)
    where name = ${consumer} and holder = ${holder} and held_until > clock_timestamp()
    returning name, position`
}

/** What lies before the position and has no row any more was settled and summarised: that is not undone. */
function attempts(of: ReturnType<typeof sql>, revisions: readonly Revision[], at: number) {
  return sql`
    insert into delivery (consumer, revision, state, attempts, first_at, last_at)
    select name, asked.revision, 'pending', 1, ${instant(at)}, ${instant(at)}
    from ${of}, unnest(${revisions}::bigint[]) as asked(revision)
    where asked.revision > position
      or exists (select from delivery where consumer = name and delivery.revision = asked.revision)
    on conflict (consumer, revision) do update
      set attempts = delivery.attempts + 1, last_at = excluded.last_at, next_at = null
      where delivery.state = 'pending'`
}

function instant(ms: number) {
  return sql`to_timestamp(${ms}::float8 / 1000.0)`
}

interface DeliveryRow {
  readonly consumer: string
  readonly revision: string
  readonly state: Delivery['state']
  readonly attempts: number
  readonly first_at: Date
  readonly last_at: Date
  readonly acknowledged_at: Date | null
  readonly reason: string | null
  readonly next_at: Date | null
}

const columns = sql.raw(
  'consumer, revision, state, attempts, first_at, last_at, acknowledged_at, reason, next_at',
)

function toDelivery(row: DeliveryRow): Delivery {
  const { consumer, revision, state, attempts: tried, reason } = row
  return {
    consumer,
    revision,
    state,
    attempts: tried,
    firstAt: row.first_at.getTime(),
    lastAt: row.last_at.getTime(),
    acknowledgedAt: row.acknowledged_at?.getTime() ?? null,
    reason,
    nextAt: row.next_at?.getTime() ?? null,
  }
}
