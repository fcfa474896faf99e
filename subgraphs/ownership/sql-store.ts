import { type Kysely, sql } from 'kysely'
import type { Migration } from '../database.ts'
import type { PidHolder } from '../pid-holder.ts'
import { alive, blocked, dead } from '../standing/sql-alive.ts'
import { standingStatements } from '../standing/sql-standings.ts'
import { type ProfileWrite, writeKey } from './settle.ts'
import type { KeptWrite, OwnershipStore, ProfileKey } from './store.ts'

export const ownershipMigration: Migration = {
  schema: 'ownership',
  role: 'assent_ownership',
  statements: [
    `create table profile_write (
      pid text collate "C" not null,
      attribute text collate "C" not null,
      key text collate "C" not null,
      system text not null,
      version bigint not null,
      at timestamptz not null,
      confirmed boolean not null,
      value jsonb,
      received_at timestamptz not null,
      registry text not null,
      scope text,
      consent_id text,
      consent_revision bigint,
      primary key (pid, attribute, key),
      check ((scope is null) = (consent_id is null) and (scope is null) = (consent_revision is null))
    )`,
    // What was said is never changed: the role may add and remove.
    `grant select, insert, delete on profile_write to assent_ownership`,
    ...standingStatements('assent_ownership'),
  ],
}

const MAY_BE_KEPT = (table: string, now: number) => {
  const column = (name: string): string => `${table}.${name}`
  const rests = { pid: column('pid'), scope: column('scope'), revision: column('consent_revision') }
  return sql`(not ${blocked(rests.pid)} and (${sql.ref(rests.scope)} is null or ${alive(rests, now)}))`
}

/** What systems said, in PGlite or PostgreSQL 15 and later. `vacuum` removes what was deleted from the files. */
export function createSqlOwnershipStore(
  db: Kysely<never>,
  { vacuum = async () => {} }: { readonly vacuum?: () => Promise<void> } = {},
): OwnershipStore {
  return {
    async add(writes, now) {
      const keyed = writes.map((write) => ({ ...write, key: writeKey(write) }))
      const added = await insert(db, keyed, now)
      const names = keyed.map((write) => ({ name: nameOf(write), isFirst: added.delete(nameOf(write)) }))
      const known = await knownAmong(db, keyed)
      return names.map(({ name, isFirst }) => (isFirst ? 'added' : known.has(name) ? 'known' : 'not alive'))
    },
    async of(keys, now) {
      const { rows } = await sql<ProfileWrite>`
        select w.pid, w.attribute, w.system, w.version::float8 as version,
          (extract(epoch from w.at) * 1000)::float8 as at, w.confirmed, w.value
        from (select distinct * from unnest(${keys.map(({ pid }) => pid)}::text[],
          ${keys.map(({ attribute }) => attribute)}::text[])) as asked (pid, attribute)
        join profile_write w using (pid, attribute) where ${MAY_BE_KEPT('w', now)}`.execute(db)
      return rows
    },
    people: (after, limit, since) => peopleIn(db, { after, limit, since }),
    async expire(until) {
      const horizons = [...until].map(([attribute, at]) => ({ attribute, at: new Date(at) }))
      const { numAffectedRows = 0n } = await sql`
        delete from profile_write w
        using jsonb_to_recordset(${JSON.stringify(horizons)}::jsonb) as horizon (attribute text, at timestamptz),
          (select pid, attribute, system, max(version) as version, max(at) as at from profile_write
            group by pid, attribute, system) as last
        where w.attribute = horizon.attribute and w.at <= horizon.at
          and (last.pid, last.attribute, last.system) = (w.pid, w.attribute, w.system)
          and (w.version < last.version or last.at <= horizon.at)`.execute(db)
      return Number(numAffectedRows)
    },
    ...pidHolder(db),
    async purgeDead(now, pids) {
      const rests = { pid: 'w.pid', scope: 'w.scope', revision: 'w.consent_revision' }
      const among = pids === undefined ? sql`true` : sql`w.pid = any(${pids}::text[])`
      const { numAffectedRows = 0n } =
        await sql`delete from profile_write w where ${among} and ${dead(rests, now)}`.execute(db)
      return Number(numAffectedRows)
    },
    vacuum,
  }
}

interface Page {
  readonly after: string | null
  readonly limit: number
  readonly since: number
}

async function peopleIn(db: Kysely<never>, { after, limit, since }: Page): Promise<readonly string[]> {
  const { rows } = await sql<{ pid: string }>`
    select distinct pid from profile_write
    where (${after}::text is null or pid > ${after}::text) and received_at >= ${new Date(since)}::timestamptz
    order by pid limit ${limit}`.execute(db)
  return rows.map(({ pid }) => pid)
}

function pidHolder(db: Kysely<never>): PidHolder {
  return {
    async copyPids(renamed) {
      await sql`insert into profile_write
        select renamed."to", attribute, key, system, version, at, confirmed, value, received_at, registry,
          scope, consent_id, consent_revision
        from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)
        join profile_write on pid = renamed."from" on conflict do nothing`.execute(db)
    },
    async forgetPids(pids) {
      await sql`delete from profile_write where pid = any(${pids}::text[])`.execute(db)
    },
  }
}

interface Keyed extends KeptWrite {
  readonly key: string
}

/** The names of those that were new. */
async function insert(db: Kysely<never>, writes: readonly Keyed[], now: number): Promise<Set<string>> {
  const given = writes.map(({ consent, at, receivedAt, ...write }) => ({
    ...write,
    at: new Date(at),
    received_at: new Date(receivedAt),
    scope: consent?.scope ?? null,
    consent_id: consent?.consentId ?? null,
    consent_revision: consent?.revision ?? null,
  }))
  const { rows } = await sql<ProfileKey & { readonly key: string }>`
    insert into profile_write (pid, attribute, key, system, version, at, confirmed, value, received_at, registry,
      scope, consent_id, consent_revision)
    select pid, attribute, key, system, version, at, confirmed, nullif(value, 'null'::jsonb), received_at, registry,
      scope, consent_id, consent_revision
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (pid text, attribute text, key text, system text,
      version bigint, at timestamptz, confirmed boolean, value jsonb, received_at timestamptz, registry text,
      scope text, consent_id text, consent_revision bigint)
    where ${MAY_BE_KEPT('given', now)}
    order by pid, attribute, key
    on conflict do nothing returning pid, attribute, key`.execute(db)
  return new Set(rows.map(nameOf))
}

async function knownAmong(db: Kysely<never>, writes: readonly Keyed[]): Promise<ReadonlySet<string>> {
  const names = writes.map(({ pid, attribute, key }) => ({ pid, attribute, key }))
  const { rows } = await sql<ProfileKey & { readonly key: string }>`
    select pid, attribute, key
    from jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as asked (pid text, attribute text, key text)
    join profile_write using (pid, attribute, key)`.execute(db)
  return new Set(rows.map(nameOf))
}

const nameOf = ({ pid, attribute, key }: ProfileKey & { readonly key: string }): string =>
  JSON.stringify([pid, attribute, key])
