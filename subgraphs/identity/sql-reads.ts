import { type Kysely, sql } from 'kysely'
import { type Owned, groupByPid } from './group-by-pid.ts'
import type { IdentityTables } from './sql-tables.ts'
import { CONNECTED_STEPS, MOST_CARRIERS } from './store.ts'
import type {
  Carrier,
  ConnectedRecord,
  IdentityStore,
  StoredAccount,
  StoredDevice,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

type Reads = Omit<IdentityStore, 'look' | 'change' | 'close'>
type GraphReads = 'page' | 'holders' | 'carriers' | 'owners' | 'connected'

/**
 * Every pid is the seed of one record, or was before its key was changed, and that record knows whose it is by now:
 * "asked" is the pid that was asked about.
 */
const asked = (pids: readonly string[]) => sql`
  (select seed, pid as person from record where seed = any(${pids})
   union select former_pid.pid as seed, named.pid as person
   from former_pid join record as named on named.seq = former_pid.record where former_pid.pid = any(${pids})) as asked
  join record on record.pid = asked.person and record.gone_at is null`

/** The reading half of the SQL store: one statement each, for as many people as are asked about. */
export const readIdentity = (db: Kysely<IdentityTables>): Reads => ({ ...readPeople(db), ...readGraph(db) })

const readPeople = (db: Kysely<IdentityTables>): Omit<Reads, GraphReads> => ({
  records: async (pids) =>
    groupByPid<StoredRecord>(
      (
        await sql<Owned<StoredRecord>>`
          select asked.seed as pid, source, record_id as "recordId", region, language
          from ${asked(pids)} order by seq`.execute(db)
      ).rows,
    ),
  identifiers: async (pids) =>
    groupByPid<StoredIdentifier>(
      (
        await sql<Owned<StoredIdentifier>>`
          select asked.seed as pid, kind, token, source from ${asked(pids)} join has on has.record = record.seq
          group by asked.seed, kind, token, source order by min(seq), kind collate "C"`.execute(db)
      ).rows,
    ),
  devices: async (pids) =>
    groupByPid<StoredDevice>(
      (
        await sql<Owned<StoredDevice>>`
          select * from (
            select distinct on (asked.seed, id) asked.seed as pid, id, kind, last_seen as "lastSeen"
            from ${asked(pids)} join device on device.record = record.seq
            order by asked.seed, id, last_seen collate "C" desc) as latest
          order by "lastSeen" collate "C" desc, id collate "C"`.execute(db)
      ).rows,
    ),
  accounts: async (pids) =>
    groupByPid<StoredAccount>(
      (
        await sql<Owned<StoredAccount>>`
          select pid, id, record from (
            select distinct on (asked.seed, account_id) asked.seed as pid, account_id as id, record_id as record, seq
            from ${asked(pids)} where account_id is not null order by asked.seed, account_id, seq) as first
          order by seq`.execute(db)
      ).rows,
    ),
  households: (pids) => households(pids, db),
})

const readGraph = (db: Kysely<IdentityTables>): Pick<Reads, GraphReads> => ({
  page: (first, after) => page(first, after, db),
  async holders(tokens) {
    const { rows } = await sql<{ token: string; pid: string }>`
      select token, pid from has join record on record.seq = has.record
      where token = any(${tokens}) group by token, pid order by min(seq)`.execute(db)
    const holders = new Map<string, string[]>()
    for (const { token, pid } of rows) holders.set(token, [...(holders.get(token) ?? []), pid])
    return holders
  },
  async carriers(tokens) {
    const { rows } = await sql<Carrier & { token: string }>`
      select token, source || e'\\x1f' || record_id as key, pid
      from unnest(${tokens}::text[]) as asked (name) cross join lateral (
        select token, record from has where token = asked.name order by record limit ${MOST_CARRIERS}) as carrier
      join record on seq = record order by seq`.execute(db)
    const carriers = new Map<string, Carrier[]>()
    for (const { token, ...carrier } of rows) carriers.set(token, [...(carriers.get(token) ?? []), carrier])
    return carriers
  },
  async owners(keys) {
    const { rows } = await sql<{ key: string; pid: string }>`
      select key, pid from unnest(${keys}::text[]) as key
      join record on source = split_part(key, e'\\x1f', 1) and record_id = split_part(key, e'\\x1f', 2)`.execute(
      db,
    )
    return new Map(rows.map(({ key, pid }) => [key, pid]))
  },
  connected: (pid) => connected(pid, db),
})

async function households(pids: readonly string[], db: Kysely<IdentityTables>) {
  const { rows } = await sql<{ pid: string; id: string; members: string[] }>`
    select own.pid, own.household as id,
      (select array_agg(member.pid order by root.seq)
       from (select distinct pid from record where record.household = own.household) as member
       join record as root on root.seed = member.pid) as members
    from (select distinct on (asked.seed) asked.seed as pid, household
          from ${asked(pids)} where household is not null order by asked.seed, seq) as own`.execute(db)
  return new Map(rows.map(({ pid, id, members }) => [pid, { id, members }]))
}

async function page(first: number, after: number, db: Kysely<IdentityTables>) {
  const [next, all] = await Promise.all([
    sql<{ pid: string; position: string }>`
      select pid, seq as position from record
      where pid = seed and seq > ${after} order by seq limit ${first + 1}`.execute(db),
    sql<{ count: string }>`select count(*) as count from record where pid = seed`.execute(db),
  ])
  return {
    people: next.rows.slice(0, first).map(({ pid, position }) => ({ pid, position: Number(position) })),
    hasNextPage: next.rows.length > first,
    total: Number(all.rows[0]?.count),
  }
}

/**
 * Steps from record to token and from token to record, not from record to record: an identifier that ten thousand
 * records share then costs ten thousand rows a step, not their square.
 */
async function connected(pid: string, db: Kysely<IdentityTables>): Promise<readonly ConnectedRecord[]> {
  const { rows } = await sql<ConnectedRecord>`
    with recursive reached (record, token, step) as (
      select record.seq, null::text, 0 from ${asked([pid])}
      union
      select next.record, next.token, step + 1
      from reached cross join lateral (
        select null::bigint as record, has.token from has where has.record = reached.record
        union all
        select has.record, null::text from has where has.token = reached.token
      ) as next
      where step < ${2 * CONNECTED_STEPS})
    select source, record_id as "recordId", record.pid, min(step) / 2 as distance
    from reached join record on record.seq = reached.record
    group by seq order by distance, seq`.execute(db)
  return rows
}
