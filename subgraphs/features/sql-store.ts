import { type Kysely, sql } from 'kysely'
import { alive, dead, erased } from '../standing/sql-alive.ts'
import { createSqlStandings } from '../standing/sql-standings.ts'
import { pidHolder } from './sql-pids.ts'
import { readServed, traceServed } from './sql-read.ts'
import { readStates, writeStates } from './sql-states.ts'
import { HOUR_MS } from './migration.ts'
import { clearServed, earliest, writeServed } from './sql-write.ts'
import {
  BY_POLICY,
  type FeatureAge,
  type FeatureKey,
  type FeaturesStore,
  type PolicyLook,
  type Progress,
} from './store.ts'

interface SqlFeaturesOptions {
  /** Removes from the files what was deleted, which is the business of who owns the tables. */
  readonly vacuum?: () => Promise<void>
}

/** Features in PGlite or PostgreSQL 15 and later. */
export function createSqlFeaturesStore(
  db: Kysely<never>,
  { vacuum = async () => {} }: SqlFeaturesOptions = {},
): FeaturesStore {
  return {
    standings: createSqlStandings(db),
    read: (asked, now) => readServed(db, asked, now),
    trace: (keys, now) => traceServed(db, keys, now),
    write: (rows, now) => db.transaction().execute((transaction) => writeServed(transaction, rows, now)),
    purge: (now) => purgeExpired(db, now),
    progress: () => readProgress(db),
    states: (keys, now) => readStates(db, keys, now),
    commit: ({ after, progress, now, states, rows, empty }) =>
      db.transaction().execute(async (transaction) => {
        const { numAffectedRows } = await sql`
          update progress set position = ${progress.position}, as_of = ${progress.asOf}, revision = ${progress.revision}
          where position = ${after.position} and as_of = ${after.asOf} and revision = ${after.revision}`.execute(
          transaction,
        )
        if (numAffectedRows !== 1n) return false
        await writeStates(transaction, states, now)
        await clearServed(transaction, empty)
        await writeServed(transaction, rows, now)
        return true
      }),
    due: (now, limit) => readDue(db, now, limit),
    async grantedAfter(revision, limit) {
      const { rows } = await sql<{ pid: string; scope: string; revision: string }>`
        select pid, scope, revision::text as revision from standing
        where revision > ${revision}::bigint and granted
        order by standing.revision fetch first (${limit}::int) rows with ties`.execute(db)
      return rows
    },
    ages: (now) => readAges(db, now),
    purgeDead: (now, people) => purgeDead(db, now, people),
    vacuum,
    ...pidHolder(db),
    ...policyLooks(db),
  }
}

const policyLooks = (db: Kysely<never>): Pick<FeaturesStore, 'byPolicy' | 'policyLook' | 'looked'> => ({
  async byPolicy(after, limit) {
    const { rows } = await sql<{ pid: string }>`
      select distinct pid from standing where granted and (receipt like ${sql.lit(`${BY_POLICY}%`)}
        or (exists (select from served where served.pid = standing.pid and served.scope = standing.scope)
          and not exists (select from state where state.pid = standing.pid and state.scope = standing.scope)))
      and (${after}::text is null or pid > ${after}::text) order by pid limit ${limit}`.execute(db)
    return rows.map(({ pid }) => pid)
  },
  async policyLook() {
    const { rows } = await sql<PolicyLook>`select policy, policy_up_to as "upTo" from progress`.execute(db)
    return rows[0] ?? { policy: null, upTo: null }
  },
  async looked({ policy, upTo }) {
    await sql`update progress set policy = ${policy}, policy_up_to = ${upTo}`.execute(db)
  },
})

async function purgeExpired(db: Kysely<never>, now: number): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ gone: number }>`
      with over as (
        select pid, scope, array_agg(name) as names, count(*)::int as gone
        from served, jsonb_each(vals) as each_of (name, it)
        where ends_in_hour <= ${now}::bigint / ${sql.lit(HOUR_MS)} and expires_at <= ${now}::bigint
          and (it ->> 2)::bigint <= ${now}::bigint group by 1, 2),
      cleared as (
        update served set vals = vals - names, plain = plain_values(vals - names), lineage = lineage - names,
          expires_at = coalesce(${earliest('vals - names', 2)}, 0), due_at = ${earliest('vals - names', 3)}
        from over where served.pid = over.pid and served.scope = over.scope returning over.gone)
      select coalesce(sum(gone), 0)::int as gone from cleared`.execute(transaction)
    await sql`delete from served where ends_in_hour = 0 and expires_at = 0 and vals = '{}'`.execute(
      transaction,
    )
    return rows[0]?.gone ?? 0
  })
}

async function readProgress(db: Kysely<never>): Promise<Progress> {
  const { rows } = await sql<Omit<Progress, 'asOf'> & { asOf: string }>`
    select position::text as position, as_of::text as "asOf", revision::text as revision from progress`.execute(
    db,
  )
  const { position = '0', asOf = '0', revision = '0' } = rows[0] ?? {}
  return { position, asOf: Number(asOf), revision }
}

async function readDue(db: Kysely<never>, now: number, limit: number): Promise<FeatureKey[]> {
  const { rows } = await sql<FeatureKey>`
    select pid, scope, name as feature from (
      select pid, scope, vals from served where due_at <= ${now}::bigint
      and ${alive({ pid: 'served.pid', scope: 'served.scope', revision: 'served.consent_revision' }, now)}
      order by due_at limit ${limit}) as waiting,
      jsonb_each(vals) as each_of (name, it) where (it ->> 3)::bigint <= ${now}::bigint`.execute(db)
  return rows
}

async function readAges(db: Kysely<never>, now: number): Promise<FeatureAge[]> {
  const { rows } = await sql<FeatureAge>`
    select name as feature, count(*)::int as values,
      min((it ->> 3)::bigint) filter (where (it ->> 3)::bigint <= ${now}::bigint)::float8 as "dueSince"
    from served, jsonb_each(vals) as each_of (name, it)
    where (it ->> 2)::bigint > ${now}::bigint
      and ${alive({ pid: 'served.pid', scope: 'served.scope', revision: 'served.consent_revision' }, now)}
    group by 1 order by 1`.execute(db)
  return rows
}

async function purgeDead(db: Kysely<never>, now: number, people?: readonly string[]): Promise<number> {
  const among = people === undefined ? sql`true` : sql`pid = any(${people}::text[])`
  let gone = 0
  for (const table of ['served', 'state'] as const) {
    const columns = { pid: `${table}.pid`, scope: `${table}.scope`, revision: `${table}.consent_revision` }
    // What was kept to go on from is not kept on: while a yes waits for a policy, events go by it.
    const isGone = table === 'state' ? sql`not ${alive(columns, now)}` : dead(columns, now)
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${among}
      and (${isGone} or ${erased(`${table}.pid`)})`.execute(db)
    gone += Number(numAffectedRows)
  }
  return gone
}
