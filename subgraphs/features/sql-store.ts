import { type Kysely, sql } from 'kysely'
import type { Migration } from '../database.ts'
import type { FeatureRow, FeaturesStore } from './store.ts'

export interface FeaturesTables {
  readonly feature: {
    readonly pid: string
    readonly feature: string
    readonly value: unknown
    readonly scope: string
    readonly consent_id: string
    readonly computed_at: Date
    readonly expires_at: Date
  }
}

export const featuresMigration: Migration = {
  schema: 'features',
  role: 'assent_features',
  statements: [
    `create table feature (
      pid text not null,
      feature text not null,
      value jsonb not null,
      scope text not null,
      consent_id text not null,
      computed_at timestamptz not null,
      expires_at timestamptz not null check (expires_at > computed_at),
      primary key (pid, feature)
    )`,
    `create index on feature (expires_at)`,
    `grant select, insert, update, delete on feature to assent_features`,
  ],
}

/** Features in PGlite or PostgreSQL 15 and later. */
export function createSqlFeaturesStore(db: Kysely<FeaturesTables>): FeaturesStore {
  return {
    async read(keys, now) {
      // Pairs, not people × features: somebody's other features stay in the table.
      const { rows } = await sql<FeatureRow>`
        select f.pid, f.feature, f.value, f.scope, f.consent_id as "consentId",
          (extract(epoch from f.computed_at) * 1000)::float8 as "computedAt",
          (extract(epoch from f.expires_at) * 1000)::float8 as "expiresAt"
        from (select distinct * from unnest(${pids(keys)}::text[], ${names(keys)}::text[])) as asked (pid, feature)
        join feature f using (pid, feature)
        where f.expires_at > ${new Date(now)}::timestamptz`.execute(db)
      return rows
    },
    async write(rows) {
      await db.transaction().execute(async (transaction) => {
        for (let start = 0; start < rows.length; start += 5_000) {
          await upsert(transaction, rows.slice(start, start + 5_000))
        }
      })
    },
    async purge(now) {
      const { numDeletedRows } = await db
        .deleteFrom('feature')
        .where('expires_at', '<=', new Date(now))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    async copyPids(renamed) {
      await sql`insert into feature (pid, feature, value, scope, consent_id, computed_at, expires_at)
        select renamed."to", f.feature, f.value, f.scope, f.consent_id, f.computed_at, f.expires_at
        from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)
        join feature f on f.pid = renamed."from" on conflict do nothing`.execute(db)
    },
    async forgetPids(gone) {
      await sql`delete from feature where pid = any(${gone}::text[])`.execute(db)
    },
  }
}

const pids = (keys: readonly { pid: string }[]): string[] => keys.map(({ pid }) => pid)
const names = (keys: readonly { feature: string }[]): string[] => keys.map(({ feature }) => feature)

async function upsert(db: Kysely<FeaturesTables>, rows: readonly FeatureRow[]): Promise<void> {
  // One statement may not touch a row twice: of two rows for one pair the later one is kept.
  const given = JSON.stringify(rows.map((row, place) => ({ ...row, place })))
  await sql`
    insert into feature (pid, feature, value, scope, consent_id, computed_at, expires_at)
    select distinct on (pid, feature) pid, feature, value, scope, "consentId",
      to_timestamp("computedAt" / 1000.0), to_timestamp("expiresAt" / 1000.0)
    from jsonb_to_recordset(${given}::jsonb) as given (place int, pid text, feature text, value jsonb, scope text,
      "consentId" text, "computedAt" float8, "expiresAt" float8)
    order by pid, feature, place desc
    on conflict (pid, feature) do update set value = excluded.value, scope = excluded.scope,
      consent_id = excluded.consent_id, computed_at = excluded.computed_at, expires_at = excluded.expires_at`.execute(
    db,
  )
}
