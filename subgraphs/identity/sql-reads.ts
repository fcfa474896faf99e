import { type Kysely, sql } from 'kysely'
import { type Owned, groupByPid } from './group-by-pid.ts'
import type { IdentityTables } from './sql-tables.ts'
import { CONNECTED_STEPS } from './store.ts'
import type {
  ConnectedRecord,
  IdentityStore,
  StoredAccount,
  StoredContact,
  StoredDevice,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

type Reads = Omit<IdentityStore, 'write' | 'close'>
type GraphReads = 'page' | 'holders' | 'owners' | 'connected'

/** The reading half of the SQL store: one statement each, for as many people as are asked about. */
export const readIdentity = (db: Kysely<IdentityTables>): Reads => ({ ...readPeople(db), ...readGraph(db) })

const readPeople = (db: Kysely<IdentityTables>): Omit<Reads, GraphReads> => ({
  records: async (pids) =>
    groupByPid<StoredRecord>(
      (
        await sql<Owned<StoredRecord>>`
          select pid, source, record_id as "recordId", given_name as "givenName", family_name as "familyName",
                 date_of_birth as "dateOfBirth", region, language
          from record where pid = any(${pids}) order by seq`.execute(db)
      ).rows,
    ),
  async contacts(pids) {
    const { rows } = await sql<Owned<StoredContact>>`
      select pid, (array_agg(email order by seq) filter (where email is not null))[1] as email,
                  (array_agg(phone order by seq) filter (where phone is not null))[1] as phone
      from record where pid = any(${pids}) group by pid`.execute(db)
    return new Map(rows.map(({ pid, email, phone }) => [pid, { email, phone }]))
  },
  identifiers: async (pids) =>
    groupByPid<StoredIdentifier>(
      (
        await sql<Owned<StoredIdentifier>>`
          select pid, kind, token, source from record join has on has.record = record.seq
          where pid = any(${pids}) group by pid, kind, token, source order by min(seq), kind collate "C"`.execute(
          db,
        )
      ).rows,
    ),
  devices: async (pids) =>
    groupByPid<StoredDevice>(
      (
        await sql<Owned<StoredDevice>>`
          select * from (
            select distinct on (pid, id) pid, id, kind, last_seen as "lastSeen"
            from record join device on device.record = record.seq
            where pid = any(${pids}) order by pid, id, last_seen collate "C" desc) as latest
          order by "lastSeen" collate "C" desc, id collate "C"`.execute(db)
      ).rows,
    ),
  accounts: async (pids) =>
    groupByPid<StoredAccount>(
      (
        await sql<Owned<StoredAccount>>`
          select pid, id, name from (
            select distinct on (pid, account_id) pid, account_id as id, account_name as name, seq
            from record where pid = any(${pids}) and account_id is not null order by pid, account_id, seq) as first
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
      (select array_agg(member.pid order by position)
       from person as member
       where exists (select from record where record.pid = member.pid and record.household = own.household)) as members
    from (select distinct on (pid) pid, household from record
          where pid = any(${pids}) and household is not null order by pid, seq) as own`.execute(db)
  return new Map(rows.map(({ pid, id, members }) => [pid, { id, members }]))
}

async function page(first: number, after: number, db: Kysely<IdentityTables>) {
  const [next, all] = await Promise.all([
    db
      .selectFrom('person')
      .select(['pid', 'position'])
      .where('position', '>', String(after))
      .orderBy('position')
      .limit(first + 1)
      .execute(),
    db.selectFrom('person').select(db.fn.countAll<string>().as('count')).executeTakeFirstOrThrow(),
  ])
  return {
    people: next.slice(0, first).map(({ pid, position }) => ({ pid, position: Number(position) })),
    hasNextPage: next.length > first,
    total: Number(all.count),
  }
}

/**
 * Steps from record to token and from token to record, not from record to record: an identifier that ten thousand
 * records share then costs ten thousand rows a step, not their square.
 */
async function connected(pid: string, db: Kysely<IdentityTables>): Promise<readonly ConnectedRecord[]> {
  const { rows } = await sql<ConnectedRecord>`
    with recursive reached (record, token, step) as (
      select seq, null::text, 0 from record where pid = ${pid}
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
