import { type Kysely, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import { asJson, readSqlGraph, writeSqlGraph } from './sql-graph.ts'
import { NODE, type NodeRow, nodeOf } from './sql-graph-rows.ts'
import { readIdentity } from './sql-reads.ts'
import { renameInSql } from './sql-rename.ts'
import type { IdentityTables } from './sql-tables.ts'
import { type IdentityStore, type IdentityWriter, type ResolvedRecord, recordKey } from './store.ts'

/** The identity graph as tables, on PGlite or PostgreSQL. Whoever made the engine closes it. */
export const createSqlIdentityStore = (db: Kysely<IdentityTables>): IdentityStore => ({
  ...readIdentity(db),
  look: (work) =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((transaction) => work(readSqlGraph(transaction))),
  change: (work) =>
    db.transaction().execute(async (transaction) => {
      // Writers take turns, also those of other processes: owners follow from all decisions there are.
      await sql`select pg_advisory_xact_lock(hashtext('assent.identity'))`.execute(transaction)
      return work({
        ...writeSqlGraph(transaction),
        ...writeRecords(transaction),
        ...renameInSql(transaction),
      })
    }),
  async close() {},
})

const writeRecords = (db: Kysely<IdentityTables>): Pick<IdentityWriter, 'putRecords' | 'markGone'> => ({
  async putRecords(records, at) {
    if (records.length === 0) return []
    await forgetGone(records).execute(db)
    const { rows } = await putRecords(records, at).execute(db)
    await dropEdges(rows.filter(({ is_new: isNew }) => !isNew).map(({ seq }) => seq)).execute(db)
    const numbers = new Map(rows.map((row) => [nodeOf(row).key ?? '', row.seq]))
    await putIdentifiers(records, numbers).execute(db)
    await putDevices(records, numbers).execute(db)
    const nodes = new Map(rows.map((row) => [row.seq, nodeOf(row)]))
    return records.flatMap((record) => nodes.get(numbers.get(recordKey(record)) ?? '') ?? [])
  },
  async markGone(id, { at, heirBy }) {
    await dropEdges([String(id)]).execute(db)
    await sql`update record set source = null, record_id = null, region = null, language = null, household = null,
        account_id = null, says = null, gone_at = ${at}, heir_by = ${heirBy}
      where seq = ${id}`.execute(db)
  },
})

/** A record that was gone and comes again is a new one, and takes its pid back. */
const forgetGone = (records: readonly ResolvedRecord[]) => sql`
  update record set seed = seed || '~' || seq, pid = null
  where seed = any(${records.map(({ seed }) => seed)}) and gone_at is not null`

interface PutRecord extends NodeRow {
  readonly is_new: boolean
}

/** `xmax` is the transaction that replaced a row, so it is zero for one just inserted. */
const putRecords = (records: readonly ResolvedRecord[], at: number) => sql<PutRecord>`
  insert into record (source, record_id, seed, pid, was_person, since, region, language, household, account_id, says)
  select "source", "recordId", "seed", "pid", "seed" = "pid", ${at}, "region", "language", "household", "account",
    "says"
  from json_to_recordset(${asJson(records.map((record, ord) => ({ ...record, ord })))}) as batch (
    "ord" int, "source" text, "recordId" text, "seed" text, "pid" text, "region" text, "language" text,
    "household" text, "account" text, "says" text[])
  order by "ord"
  on conflict (source, record_id) do update set
    region = excluded.region, language = excluded.language, household = excluded.household,
    account_id = excluded.account_id, says = excluded.says
  returning ${NODE}, xmax = 0 as is_new`

const dropEdges = (records: readonly string[]) => sql`
  with gone as (delete from has where record = any(${records}::bigint[]))
  delete from device where record = any(${records}::bigint[])`

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

/**
 * Tables of a version that kept names and addresses in them are not taken over: their tokens are of another make, too.
 * Throws `SCHEMA_OF_ANOTHER_VERSION`. Asked before they are brought up to date.
 */
export async function refuseRawRecords(db: Kysely<unknown>): Promise<void> {
  const { rows: columns } = await sql`
    select from information_schema.columns
    where table_schema = 'identity' and table_name = 'record' and column_name = 'given_name'`.execute(db)
  if (columns.length === 0) return
  const { rows } = await sql`select from identity.record limit 1`.execute(db)
  if (rows.length > 0)
    throw new CodedFailure('SCHEMA_OF_ANOTHER_VERSION', 'schema identity, raw values in it')
}
