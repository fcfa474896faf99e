import { type Kysely, sql, type Transaction } from 'kysely'
import { newer, type Revision, type Standing, type StandingKey } from './standing.ts'
import type { StandingStore } from './standing-store.ts'

/** For the migration of a schema whose rows rest on consent; `role` is that of the migration. */
export function standingStatements(role: string): string[] {
  return [
    `create table standing (
      pid text not null,
      scope text not null,
      granted boolean not null,
      receipt text,
      expires_at timestamptz,
      revision bigint not null,
      cut bigint not null,
      basis bigint not null,
      primary key (pid, scope)
    )`,
    `create index on standing (expires_at) where granted and cut < basis and expires_at is not null`,
    `create table standing_mark (single boolean primary key default true check (single), revision bigint not null)`,
    `create table standing_erased (pid text primary key)`,
    `grant select, insert, update, delete on standing, standing_erased to ${role}`,
    `grant select, insert, update on standing_mark to ${role}`,
  ]
}

/** Standings in PGlite or PostgreSQL 15 and later, in the schema of the owner whose database is given. */
export function createSqlStandings(db: Kysely<never>): StandingStore {
  const some = (pairs: readonly StandingKey[]): Promise<readonly Standing[]> =>
    read(
      db,
      sql`(pid, scope) in (select * from unnest(${pairs.map(({ pid }) => pid)}::text[], ${pairs.map(({ scope }) => scope)}::text[]))`,
    )
  return {
    async mark() {
      const { rows } = await sql<{ revision: Revision }>`
        select revision::text as revision from standing_mark`.execute(db)
      return rows[0]?.revision ?? '0'
    },
    async write(standings, upTo, erased = []) {
      await db.transaction().execute(async (transaction) => {
        const once = newestOfEach(standings)
        for (let start = 0; start < once.length; start += AT_ONCE)
          await upsert(transaction, once.slice(start, start + AT_ONCE))
        await sql`insert into standing_erased (pid) select distinct unnest(${erased}::text[])
          on conflict do nothing`.execute(transaction)
        await sql`insert into standing_mark (revision) values (${upTo}::bigint) on conflict (single)
          do update set revision = greatest(standing_mark.revision, excluded.revision)`.execute(transaction)
      })
    },
    of: some,
    ofPeople: (pids) => read(db, sql`pid = any(${pids}::text[])`),
    async people(after, limit) {
      const { rows } = await sql<{ pid: string }>`
        select distinct pid collate "C" as pid from standing
        where ${after}::text is null or pid collate "C" > ${after}::text
        order by 1 limit ${limit}`.execute(db)
      return rows.map(({ pid }) => pid)
    },
    async expire(now) {
      const { numAffectedRows = 0n } = await sql`update standing set cut = basis
        where granted and cut < basis and expires_at <= ${new Date(now)}::timestamptz`.execute(db)
      return Number(numAffectedRows)
    },
    async nextExpiry() {
      const { rows } = await sql<{ next: number | null }>`
        select (extract(epoch from min(expires_at)) * 1000)::float8 as next from standing
        where granted and cut < basis and expires_at is not null`.execute(db)
      return rows[0]?.next ?? null
    },
    ...pidHolder(db),
  }
}

const AT_ONCE = 5_000

/** One statement may not touch a row twice. */
function newestOfEach(standings: readonly Standing[]): readonly Standing[] {
  const newest = new Map<string, Standing>()
  for (const standing of standings) {
    const key = JSON.stringify([standing.pid, standing.scope])
    const known = newest.get(key)
    newest.set(key, known === undefined ? standing : newer(known, standing))
  }
  return [...newest.values()]
}

async function upsert(db: Transaction<never>, standings: readonly Standing[]): Promise<void> {
  await sql`
    insert into standing as known (pid, scope, granted, receipt, expires_at, revision, cut, basis)
    select pid, scope, granted, receipt, to_timestamp("expiresAt" / 1000.0), revision, cut, basis
    from jsonb_to_recordset(${JSON.stringify(standings)}::jsonb) as heard (pid text, scope text, granted boolean,
      receipt text, "expiresAt" float8, revision bigint, cut bigint, basis bigint)
    order by pid, scope
    ${ON_KNOWN}`.execute(db)
}

const ON_KNOWN = sql`on conflict (pid, scope) do update set
  (granted, receipt, expires_at, basis) = (select granted, receipt, expires_at, basis from (values
    (excluded.granted, excluded.receipt, excluded.expires_at, excluded.basis, excluded.revision >= known.revision),
    (known.granted, known.receipt, known.expires_at, known.basis, excluded.revision < known.revision))
    as either (granted, receipt, expires_at, basis, holds) where holds),
  revision = greatest(known.revision, excluded.revision),
  cut = greatest(known.cut, excluded.cut)`

async function read(db: Kysely<never>, which: ReturnType<typeof sql<boolean>>): Promise<readonly Standing[]> {
  const { rows } = await sql<Standing>`
    select pid, scope, granted, receipt, (extract(epoch from expires_at) * 1000)::float8 as "expiresAt",
      revision::text as revision, cut::text as cut, basis::text as basis
    from standing where ${which} order by pid, scope`.execute(db)
  return rows
}

/** What was heard of the elder pid is older than whatever is heard of the new one; what it has cut is cut there, too. */
function pidHolder(db: Kysely<never>): Pick<StandingStore, 'copyPids' | 'forgetPids'> {
  return {
    async copyPids(renamed) {
      const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
      await db.transaction().execute(async (transaction) => {
        await sql`insert into standing as known (pid, scope, granted, receipt, expires_at, revision, cut, basis)
          select distinct on (renamed."to", scope) renamed."to", scope, granted, receipt, expires_at, 0, cut, basis
          from ${given} join standing on pid = renamed."from" order by 1, 2, cut desc ${ON_KNOWN}`.execute(
          transaction,
        )
        await sql`insert into standing_erased (pid) select renamed."to" from ${given}
          join standing_erased on pid = renamed."from" on conflict do nothing`.execute(transaction)
      })
    },
    async forgetPids(pids) {
      await db.transaction().execute(async (transaction) => {
        await sql`delete from standing where pid = any(${pids}::text[])`.execute(transaction)
        await sql`delete from standing_erased where pid = any(${pids}::text[])`.execute(transaction)
      })
    },
  }
}
