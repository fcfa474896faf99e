import { type Kysely, sql } from 'kysely'
import type { Migration } from '../database.ts'
import { firstSeenStatements } from './door/sql-first-seen.ts'
import { leaseStatements } from './leases/sql-lease-store.ts'
import { outboxStatements } from './outbox/sql-outbox.ts'
import type { Block, Receipt, ReceiptStatus, SubjectEvent } from './receipt.ts'
import { type Change, type ConsentStore, ReceiptConflict, type SubjectRecord } from './store.ts'

/** Receipts are evidence: the role that serves requests may add and read them, and has no right to change or remove. */
export const consentMigration: Migration = {
  schema: 'consent',
  role: 'assent_consent',
  statements: [
    `create sequence revision`,
    `create table receipt (
      revision bigint primary key default nextval('revision'),
      consent_id text not null unique,
      subject text not null,
      scope text not null,
      channel text,
      region text,
      status text not null check (status in
        ('requested', 'refused', 'given', 'renewed', 'withdrawn', 'expired', 'invalidated', 'unknown')),
      at timestamptz not null,
      expires_at timestamptz,
      source text not null,
      version int not null check (version >= 1),
      predecessor text unique references receipt (consent_id),
      unique nulls not distinct (subject, scope, channel, region, version),
      check ((version = 1) = (predecessor is null))
    )`,
    `create table subject_event (
      revision bigint primary key default nextval('revision'),
      subject text not null,
      event text not null check (event in ('suppressed', 'erased', 'suppression_lifted')),
      at timestamptz not null
    )`,
    `create index on subject_event (subject, revision)`,
    `grant usage, select on sequence revision to assent_consent`,
    `grant select, insert on receipt, subject_event to assent_consent`,
    ...leaseStatements,
    ...outboxStatements,
    ...firstSeenStatements,
  ],
}

/** Receipts in PGlite or PostgreSQL 15 and later. */
export function createSqlConsentStore(db: Kysely<unknown>): ConsentStore {
  const listeners = new Set<() => void>()
  const write = async (insert: (transaction: Kysely<unknown>) => Promise<void>): Promise<string> => {
    const revision = await db.transaction().execute(async (transaction) => {
      // Writers take turns, so that revisions become visible in order: a reader never skips one that is committed later.
      await sql`select pg_advisory_xact_lock(hashtext('assent.consent'))`.execute(transaction)
      await insert(transaction)
      return newest(transaction)
    })
    for (const listener of listeners) listener()
    return revision
  }

  return {
    records: (subjects) => readRecords(db, subjects),
    append: (receipts) => write((transaction) => insertReceipts(transaction, receipts)),
    mark: (subject, event, at) => write((transaction) => insertEvent(transaction, { subject, event, at })),
    changesAfter: (revision, limit) => readChanges(db, revision, limit),
    revision: () => newest(db),
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

interface RecordRow {
  readonly subject: string
  readonly revision: string
  readonly blocked: SubjectEvent | null
  readonly latest: readonly ReceiptRow[]
}

interface ReceiptRow {
  readonly consent_id: string
  readonly scope: string
  readonly channel: string | null
  readonly region: string | null
  readonly status: ReceiptStatus
  readonly at: number
  readonly expires_at: number | null
  readonly source: string
  readonly version: number
  readonly predecessor: string | null
}

async function readRecords(
  db: Kysely<unknown>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, SubjectRecord>> {
  const { rows } = await sql<RecordRow>`
    with head as (
      select distinct on (subject, scope, channel, region) *
      from receipt where subject = any(${subjects}::text[])
      order by subject, scope, channel, region, version desc
    ), said as (
      select subject, max(revision) as revision, json_agg(json_build_object(
        'consent_id', consent_id, 'scope', scope, 'channel', channel, 'region', region, 'status', status,
        'at', ${millis('at')}, 'expires_at', ${millis('expires_at')},
        'source', source, 'version', version, 'predecessor', predecessor) order by revision) as latest
      from head group by subject
    ), marked as (
      select distinct on (subject) subject, revision, event
      from subject_event where subject = any(${subjects}::text[])
      order by subject, revision desc
    )
    select subject, greatest(said.revision, marked.revision) as revision, marked.event as blocked,
      coalesce(said.latest, '[]'::json) as latest
    from said full join marked using (subject)`.execute(db)
  const known = new Map(rows.map((row) => [row.subject, toRecord(row)]))
  const nothing: SubjectRecord = { revision: '0', blocked: null, latest: [] }
  return new Map(subjects.map((subject) => [subject, known.get(subject) ?? nothing]))
}

function millis(column: string) {
  return sql`(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`
}

function toRecord({ subject, revision, blocked, latest }: RecordRow): SubjectRecord {
  return {
    revision,
    blocked: blocked === 'suppression_lifted' ? null : blocked,
    latest: latest.map(({ consent_id: consentId, expires_at: expiresAt, ...row }) => ({
      ...row,
      consentId,
      subject,
      expiresAt,
    })),
  }
}

async function insertReceipts(db: Kysely<unknown>, receipts: readonly Receipt[]): Promise<void> {
  const rows = JSON.stringify(receipts.map((receipt, place) => ({ ...receipt, place })))
  try {
    const { rows: strays } = await sql`
      with added as (
        insert into receipt (consent_id, subject, scope, channel, region, status, at, expires_at, source, version, predecessor)
        select "consentId", subject, scope, channel, region, status, to_timestamp(at / 1000.0),
          to_timestamp("expiresAt" / 1000.0), source, version, predecessor
        from jsonb_to_recordset(${rows}::jsonb) as r(place int, "consentId" text, subject text, scope text, channel text,
          region text, status text, at float8, "expiresAt" float8, source text, version int, predecessor text)
        order by place
        returning *
      ), chain as (
        select * from added union all select * from receipt where consent_id in (select predecessor from added)
      )
      select 1 from added left join chain as before on before.consent_id = added.predecessor
        and before.subject = added.subject and before.scope = added.scope
        and before.channel is not distinct from added.channel and before.region is not distinct from added.region
        and before.version = added.version - 1
      where added.version > 1 and before.consent_id is null limit 1`.execute(db)
    if (strays.length > 0) throw new ReceiptConflict()
  } catch (error) {
    // Unique (somebody wrote this version first), foreign key (no such predecessor), check (version without one).
    const { code } = error as { code?: string }
    throw code === '23505' || code === '23503' || code === '23514' ? new ReceiptConflict() : error
  }
}

async function insertEvent(
  db: Kysely<unknown>,
  { subject, event, at }: { subject: string; event: Block | SubjectEvent; at: number },
): Promise<void> {
  await sql`
    insert into subject_event (subject, event, at)
    select ${subject}::text, ${event}::text, to_timestamp(${at}::float8 / 1000.0)
    where not exists (select from subject_event where subject = ${subject}::text and event = 'erased')`.execute(
    db,
  )
}

interface ChangeRow extends Omit<Change, 'at'> {
  readonly at: Date
}

async function readChanges(db: Kysely<unknown>, revision: string, limit: number): Promise<readonly Change[]> {
  const { rows } = await sql<ChangeRow>`
    (select revision, subject, scope, status, at from receipt where revision > ${revision}::bigint
      order by revision limit ${limit})
    union all
    (select revision, subject, null, event, at from subject_event where revision > ${revision}::bigint
      order by revision limit ${limit})
    order by revision limit ${limit}`.execute(db)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}

async function newest(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ revision: string }>`
    select greatest((select max(revision) from receipt), (select max(revision) from subject_event), 0)::text
      as revision`.execute(db)
  return rows[0]?.revision ?? '0'
}
