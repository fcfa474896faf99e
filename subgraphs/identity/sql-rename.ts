import { type Kysely, sql } from 'kysely'
import type { GraphWriter, RecordRename, Renaming } from './graph/graph-port.ts'
import { asJson } from './sql-graph.ts'
import type { IdentityTables } from './sql-tables.ts'

type Db = Kysely<IdentityTables>

/** Pids that lead on to a record until everybody has heard of its new one. */
export const renameStatements: readonly string[] = [
  `create table former_pid (
     pid text primary key,
     record bigint not null references record (seq))`,
  `create index former_pid_record on former_pid (record)`,
  `grant select, insert, delete on former_pid to assent_identity`,
  // While keys rotate, a record is known by a token of each.
  `alter table has drop constraint has_pkey, add primary key (record, kind, token)`,
]

/** Names under another key, in the caller's transaction: one statement for all records each. */
export const renameInSql = (
  db: Db,
): Pick<GraphWriter, 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'> => ({
  async renameRecords(renames) {
    if (renames.length === 0) return
    await renameSeeds(db, renames)
    await renameIdentifiers(db, renames)
    await renameDevices(db, renames)
    await renameColumns(db, renames)
  },
  async forgetElderPids(ids) {
    await sql`delete from former_pid where record = any(${ids}::bigint[])`.execute(db)
  },
  async forgetGonePids(ids) {
    await sql`update record set seed = 'gone_' || seq, pid = null
      where seq = any(${ids}::bigint[]) and gone_at is not null`.execute(db)
  },
})

async function renameSeeds(db: Db, renames: readonly RecordRename[]): Promise<void> {
  const rows = asJson(renames.flatMap(({ id, seed }) => (seed === null ? [] : pairsOf(id, seed))))
  const named = sql`json_to_recordset(${rows}) as row (id bigint, elder text, newest text)
    join record as named on named.seq = row.id and named.seed = row.elder`
  await sql`insert into former_pid (pid, record) select row.elder, row.id from ${named}
    on conflict do nothing`.execute(db)
  await sql`update record set pid = row.newest from ${named} where record.pid = row.elder`.execute(db)
  await sql`update record set seed = row.newest
    from json_to_recordset(${rows}) as row (id bigint, elder text, newest text)
    where record.seq = row.id and record.seed = row.elder`.execute(db)
}

async function renameIdentifiers(db: Db, renames: readonly RecordRename[]): Promise<void> {
  const rows = (of: readonly RecordRename[]) =>
    asJson(
      of.flatMap(({ id, identifiers }) =>
        identifiers.flatMap(({ kind, ...renaming }) =>
          pairsOf(id, renaming).map((pair) => ({ ...pair, kind })),
        ),
      ),
    )
  await sql`insert into has (record, kind, token)
    select has.record, has.kind, row.newest
    from json_to_recordset(${rows(renames)}) as row (id bigint, kind text, elder text, newest text)
    join has on has.record = row.id and has.kind = row.kind and has.token = row.elder
    on conflict do nothing`.execute(db)
  await sql`delete from has
    using json_to_recordset(${rows(renames.filter(({ keepsElders }) => !keepsElders))})
      as row (id bigint, kind text, elder text, newest text)
    where has.record = row.id and has.kind = row.kind and has.token = row.elder`.execute(db)
}

async function renameDevices(db: Db, renames: readonly RecordRename[]): Promise<void> {
  const rows = asJson(renames.flatMap(({ id, devices }) => devices.flatMap((device) => pairsOf(id, device))))
  const named = sql`json_to_recordset(${rows}) as row (id bigint, elder text, newest text)
    where device.record = row.id and device.id = row.elder`
  await sql`insert into device (record, id, kind, last_seen)
    select device.record, row.newest, device.kind, device.last_seen
    from device, ${named} on conflict do nothing`.execute(db)
  await sql`delete from device using ${named}`.execute(db)
}

async function renameColumns(db: Db, renames: readonly RecordRename[]): Promise<void> {
  const rows = (read: (rename: RecordRename) => Renaming | null) =>
    asJson(
      renames.flatMap((rename) => {
        const renaming = read(rename)
        return renaming === null ? [] : pairsOf(rename.id, renaming)
      }),
    )
  await sql`update record set household = row.newest
    from (select distinct elder, newest from json_to_recordset(${rows(({ household }) => household)})
            as row (elder text, newest text)) as row
    where record.household = row.elder`.execute(db)
  await sql`update record set account_id = row.newest
    from json_to_recordset(${rows(({ account }) => account)}) as row (id bigint, elder text, newest text)
    where record.seq = row.id and record.account_id = row.elder`.execute(db)
}

const pairsOf = (id: number, { elders, newest }: Renaming) => elders.map((elder) => ({ id, elder, newest }))
