import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { type Block, newer, type Revision, type Standing, type StandingKey } from './standing.ts'
import type { HeardBesides, StandingStore } from './standing-store.ts'

/** For the migration of a schema whose rows rest on consent; `role` is that of the migration. */
export function standingStatements(role: string): string[] {
  return [
    `create table standing (
      pid text collate "C" not null,
      scope text collate "C" not null,
      granted boolean not null,
      receipt text,
      expires_at timestamptz,
      revision bigint not null,
      cut bigint not null,
      basis bigint not null,
      primary key (pid, scope)
    )`,
    `create index on standing (expires_at) where granted and cut < basis and expires_at is not null`,
    `create table standing_block (
      pid text collate "C" primary key,
      kind text check (kind in ('suppressed', 'erased')),
      revision bigint not null
    )`,
    `create table standing_mark (
      single boolean primary key default true check (single),
      revision bigint not null,
      policy text
    )`,
    `grant select, insert, update, delete on standing, standing_block to ${role}`,
    `grant select, insert, update on standing_mark to ${role}`,
  ]
}

/** Standings in PGlite or PostgreSQL 15 and later, in the schema of the owner whose database is given. */
export function createSqlStandings(db: Kysely<never>): StandingStore {
  return {
    mark: async () => (await readMark(db)).revision,
    policy: async () => (await readMark(db)).policy,
    async write(standings, upTo, besides = {}) {
      await db.transaction().execute(async (transaction) => {
        const once = newestOfEach(standings)
        for (let start = 0; start < once.length; start += AT_ONCE)
          await upsert(transaction, once.slice(start, start + AT_ONCE))
        for (const block of besides.blocks ?? []) await upsertBlock(transaction, block)
        await moveMark(transaction, upTo, besides)
      })
    },
    of: (pairs) => read(db, isOneOf(pairs)),
    ofPeople: (pids) => read(db, sql`pid = any(${pids}::text[])`),
    async people(after, limit) {
      const { rows } = await sql<{ pid: string }>`
        select distinct pid from standing where ${after}::text is null or pid > ${after}::text
        order by pid limit ${limit}`.execute(db)
      return rows.map(({ pid }) => pid)
    },
    async expire(now) {
      const { rows } = await sql<{ pid: string }>`
        with over as (update standing set granted = false, receipt = null, expires_at = null, cut = basis, basis = 0
          where granted and cut < basis and expires_at <= ${new Date(now)}::timestamptz returning pid)
        select distinct pid from over`.execute(db)
      return rows.map(({ pid }) => pid)
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

async function readMark(db: Kysely<never>): Promise<{ revision: Revision; policy: string | null }> {
  const { rows } = await sql<{ revision: Revision; policy: string | null }>`
    select revision::text as revision, policy from standing_mark`.execute(db)
  return rows[0] ?? { revision: '0', policy: null }
}

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
    order by pid, scope ${ON_KNOWN}`.execute(db)
}

const ON_KNOWN = sql`on conflict (pid, scope) do update set
  (granted, receipt, expires_at, basis) = (select granted, receipt, expires_at, basis from (values
    (excluded.granted, excluded.receipt, excluded.expires_at, excluded.basis, excluded.revision >= known.revision),
    (known.granted, known.receipt, known.expires_at, known.basis, excluded.revision < known.revision))
    as either (granted, receipt, expires_at, basis, holds) where holds),
  revision = greatest(known.revision, excluded.revision),
  cut = greatest(known.cut, excluded.cut)`

async function upsertBlock(db: Transaction<never>, { pid, kind, revision }: Block): Promise<void> {
  await sql`insert into standing_block as known (pid, kind, revision)
    values (${pid}, ${kind}, ${revision}::bigint) ${ON_BLOCK}`.execute(db)
}

/** An erasure is final. */
const ON_BLOCK = sql`on conflict (pid) do update set
  kind = case when known.kind = 'erased' or excluded.kind = 'erased' then 'erased'
    when excluded.revision >= known.revision then excluded.kind else known.kind end,
  revision = greatest(known.revision, excluded.revision)`

async function moveMark(db: Transaction<never>, upTo: Revision, { policy }: HeardBesides): Promise<void> {
  await sql`insert into standing_mark (revision) values (${upTo}::bigint) on conflict (single)
    do update set revision = greatest(standing_mark.revision, excluded.revision)`.execute(db)
  if (policy !== undefined) await sql`update standing_mark set policy = ${policy}`.execute(db)
}

function isOneOf(pairs: readonly StandingKey[]): RawBuilder<unknown> {
  const pids = pairs.map(({ pid }) => pid)
  const scopes = pairs.map(({ scope }) => scope)
  return sql`(pid, scope) in (select * from unnest(${pids}::text[], ${scopes}::text[]))`
}

async function read(db: Kysely<never>, which: RawBuilder<unknown>): Promise<readonly Standing[]> {
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
        await sql`insert into standing_block as known (pid, kind, revision)
          select distinct on (renamed."to") renamed."to", kind, 0
          from ${given} join standing_block on pid = renamed."from" order by 1, kind ${ON_BLOCK}`.execute(
          transaction,
        )
      })
    },
    async forgetPids(pids) {
      await db.transaction().execute(async (transaction) => {
        await sql`delete from standing where pid = any(${pids}::text[])`.execute(transaction)
        await sql`delete from standing_block where pid = any(${pids}::text[])`.execute(transaction)
      })
    },
  }
}
