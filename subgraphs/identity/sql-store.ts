import { type Kysely, sql } from 'kysely'
import { keyBookStatements } from './pseudonyms/sql-key-book.ts'
import type { Migration } from '../database.ts'
import { readIdentity } from './sql-reads.ts'
import type { IdentityTables } from './sql-tables.ts'
import { type IdentityStore, type ResolvedRecord, recordKey } from './store.ts'

/** The identity graph as tables, on PGlite or PostgreSQL. Whoever made the engine closes it. */
export const createSqlIdentityStore = (db: Kysely<IdentityTables>): IdentityStore => ({
  ...readIdentity(db),
  async write(records) {
    if (records.length === 0) return
    await db.transaction().execute(async (transaction) => {
      await newPeople(records).execute(transaction)
      const { rows } = await putRecords(records).execute(transaction)
      await dropEdges(rows.filter(({ isNew }) => !isNew)).execute(transaction)
      const numbers = new Map(rows.map((row) => [recordKey(row), row.seq]))
      await putIdentifiers(records, numbers).execute(transaction)
      await putDevices(records, numbers).execute(transaction)
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

interface PutRecord {
  readonly seq: string
  readonly source: string
  readonly recordId: string
  readonly isNew: boolean
}

/** `xmax` is the transaction that replaced a row, so it is zero for one just inserted. */
const putRecords = (records: readonly ResolvedRecord[]) => sql<PutRecord>`
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
    household = excluded.household, account_id = excluded.account_id, account_name = excluded.account_name
  returning seq, source, record_id as "recordId", xmax = 0 as "isNew"`

const dropEdges = (replaced: readonly PutRecord[]) => sql`
  with gone as (delete from has where record = any(${replaced.map(({ seq }) => seq)}::bigint[]))
  delete from device where record = any(${replaced.map(({ seq }) => seq)}::bigint[])`

const putIdentifiers = (records: readonly ResolvedRecord[], numbers: ReadonlyMap<string, string>) => sql`
  insert into has (record, kind, token)
  select * from json_to_recordset(${asJson(edgesOf(records, numbers, ({ identifiers }) => identifiers))})
    as batch ("record" bigint, "kind" text, "token" text)
  on conflict do nothing`

const putDevices = (records: readonly ResolvedRecord[], numbers: ReadonlyMap<string, string>) => sql`
  insert into device (record, id, kind, last_seen)
  select distinct on ("record", "id") "record", "id", "kind", "lastSeen"
  from json_to_recordset(${asJson(edgesOf(records, numbers, ({ devices }) => devices))})
    as batch ("record" bigint, "id" text, "kind" text, "lastSeen" text)
  order by "record", "id", "lastSeen" collate "C" desc`

const edgesOf = <T extends object>(
  records: readonly ResolvedRecord[],
  numbers: ReadonlyMap<string, string>,
  read: (record: ResolvedRecord) => readonly T[],
) =>
  records.flatMap((record) => {
    const number = numbers.get(recordKey(record))
    return read(record).map((edge) => ({ record: number, ...edge }))
  })

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
       primary key (record, kind))`,
    `create index has_token on has (token)`,
    `create table device (
       record bigint not null references record (seq) on delete cascade,
       id text not null,
       kind text not null,
       last_seen text not null,
       primary key (record, id))`,
    `grant select, insert, update, delete on person, record, has, device to assent_identity`,
    ...keyBookStatements,
  ],
}
