import { type Kysely, sql } from 'kysely'
import type { Migration } from '../database.ts'
import { readIdentity } from './sql-reads.ts'
import type { IdentityTables } from './sql-tables.ts'
import type { IdentityStore, ResolvedRecord } from './store.ts'

/** The identity graph as tables, on PGlite or PostgreSQL. Whoever made the engine closes it. */
export const createSqlIdentityStore = (db: Kysely<IdentityTables>): IdentityStore => ({
  ...readIdentity(db),
  async write(records) {
    if (records.length === 0) return
    await db.transaction().execute(async (transaction) => {
      await sql`${newPeople(records)}`.execute(transaction)
      await sql`${putRecords(records)}`.execute(transaction)
      await putEdges(records, transaction)
    })
  },
  async close() {},
})

/** One JSON value a statement: ten thousand rows as parameters would be more than a statement may have. */
const asJson = (rows: readonly unknown[]) => sql`${JSON.stringify(rows)}::json`

const newPeople = (records: readonly ResolvedRecord[]) => sql`
  insert into person (pid)
  select pid from json_array_elements_text(${asJson([...new Set(records.map(({ pid }) => pid))])}) with ordinality as batch (pid, ord)
  where not exists (select from person where person.pid = batch.pid)
  order by ord
  on conflict do nothing`

const putRecords = (records: readonly ResolvedRecord[]) => sql`
  insert into record (source, record_id, pid, given_name, family_name, email, phone, date_of_birth, region, language,
                      household, account_id, account_name)
  select "source", "recordId", "pid", "givenName", "familyName", "email", "phone", "dateOfBirth", "region", "language",
         "household", "account" ->> 'id', "account" ->> 'name'
  from json_to_recordset(${asJson(records.map((record, ord) => ({ ...record, ord })))}) as batch (
    "ord" int, "source" text, "recordId" text, "pid" text, "givenName" text, "familyName" text, "email" text, "phone" text,
    "dateOfBirth" text, "region" text, "language" text, "household" text, "account" json)
  order by "ord"
  on conflict (source, record_id) do update set
    given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email, phone = excluded.phone,
    date_of_birth = excluded.date_of_birth, region = excluded.region, language = excluded.language,
    household = excluded.household, account_id = excluded.account_id, account_name = excluded.account_name`

async function putEdges(records: readonly ResolvedRecord[], db: Kysely<IdentityTables>): Promise<void> {
  const names = asJson(records.map(({ source, recordId }) => ({ source, recordId })))
  const replaced = sql`
    (select record.seq from record join json_to_recordset(${names}) as batch ("source" text, "recordId" text)
       on batch."source" = record.source and batch."recordId" = record.record_id)`
  await sql`delete from has where record in ${replaced}`.execute(db)
  await sql`delete from device where record in ${replaced}`.execute(db)

  const identifiers = records.flatMap(({ source, recordId, identifiers: list }) =>
    list.map((identifier) => ({ source, recordId, ...identifier })),
  )
  await sql`
    insert into has (record, kind, token)
    select record.seq, "kind", "token"
    from json_to_recordset(${asJson(identifiers)}) as batch ("source" text, "recordId" text, "kind" text, "token" text)
    join record on record.source = batch."source" and record.record_id = batch."recordId"
    on conflict do nothing`.execute(db)

  const devices = records.flatMap(({ source, recordId, devices: list }) =>
    list.map((device) => ({ source, recordId, ...device })),
  )
  await sql`
    insert into device (record, id, kind, last_seen)
    select distinct on (record.seq, "id") record.seq, "id", "kind", "lastSeen"
    from json_to_recordset(${asJson(devices)})
      as batch ("source" text, "recordId" text, "id" text, "kind" text, "lastSeen" text)
    join record on record.source = batch."source" and record.record_id = batch."recordId"
    order by record.seq, "id", "lastSeen" desc`.execute(db)
}

/** Where e-mail addresses and phone numbers are, and nobody's but this role's. */
export const identityMigration: Migration = {
  schema: 'identity',
  role: 'assent_identity',
  statements: [
    `create table person (
       pid text primary key,
       position bigint generated always as identity unique)`,
    `create table record (
       seq bigint generated always as identity primary key,
       source text not null,
       record_id text not null,
       pid text not null references person (pid),
       given_name text not null,
       family_name text not null,
       email text,
       phone text,
       date_of_birth text,
       region text,
       language text,
       household text,
       account_id text,
       account_name text,
       unique (source, record_id))`,
    `create index record_of_person on record (pid, seq)`,
    `create index record_of_household on record (household) where household is not null`,
    `create table has (
       record bigint not null references record (seq) on delete cascade,
       kind text not null,
       token text not null,
       primary key (record, token))`,
    `create index has_token on has (token, record)`,
    `create table device (
       record bigint not null references record (seq) on delete cascade,
       id text not null,
       kind text not null,
       last_seen text not null,
       primary key (record, id))`,
    `grant select, insert, update, delete on person, record, has, device to assent_identity`,
  ],
}
