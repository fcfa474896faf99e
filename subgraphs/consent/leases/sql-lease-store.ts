import { type Kysely, sql } from 'kysely'
import { DURABLE } from '../sql-turn.ts'
import type { Acknowledgement, Lease, LeaseStore } from './lease-store.ts'

/** Leases survive a crash of the store: it may be back before those who hold one have noticed. */
export const leaseStatements: readonly string[] = [
  `create table lease (
    holder text primary key,
    acknowledged bigint not null,
    renewals bigint not null
  )`,
  `create table acknowledgement (
    holder text not null,
    revision bigint not null,
    at timestamptz not null default clock_timestamp(),
    primary key (revision, holder)
  )`,
  `grant select, insert, update, delete on lease to assent_consent`,
  `grant select, insert, delete on acknowledgement to assent_consent`,
]

/** A holder whose lease was taken away, and who comes back, is told apart from who it was. */
export const leaseRenewals: readonly string[] = [
  `create sequence lease_renewal start 1000000000`,
  `grant usage on sequence lease_renewal to assent_consent`,
]

/**
 * Each lease says how long it is, so that replicas which grant leases of other lengths, as two versions of the service may, wait for
 * one another's. A replica that does not say it grants a second, as all did before.
 */
export const leaseLengths: readonly string[] = [`alter table lease add column ms int not null default 1000`]

/** Who acknowledged what is told for a month; there is a row for each change and gateway. */
const REMEMBERED_DAYS = 30
const SWEPT_AT_ONCE = 5_000

/** Leases in PGlite or PostgreSQL, for several replicas of the service. */
export function createSqlLeaseStore(db: Kysely<unknown>, { sweepEvery = 1_000 } = {}): LeaseStore {
  let untilSweep = sweepEvery
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    async hold(holder, acknowledged, ms = 0) {
      await sql`
        with durable as materialized (select ${DURABLE}), held as (
          insert into lease as old (holder, acknowledged, renewals, ms)
          select ${holder}::text, ${acknowledged}::bigint, nextval('lease_renewal'), ${ms}::int from durable
          on conflict (holder) do update set renewals = excluded.renewals,
            acknowledged = greatest(old.acknowledged, excluded.acknowledged), ms = greatest(old.ms, excluded.ms)
          returning holder, acknowledged
        )
        insert into acknowledgement (holder, revision) select holder, acknowledged from held
        on conflict do nothing`.execute(db)
      changed()
      if ((untilSweep -= 1) > 0) return
      untilSweep = sweepEvery
      await sweep(db)
    },
    leases: () => readLeases(db),
    async remove({ holder, renewals }) {
      await sql`delete from lease where holder = ${holder}::text and renewals = ${renewals}::bigint`.execute(
        db,
      )
      changed()
    },
    async release(holder) {
      await sql`delete from lease where holder = ${holder}::text`.execute(db)
      changed()
    },
    async acknowledgements(revision) {
      const { rows } = await sql<{ holder: string; at: Date }>`
        select holder, min(at) as at from acknowledgement where revision >= ${revision}::bigint
        group by holder order by at, holder`.execute(db)
      return rows.map(({ holder, at }): Acknowledgement => ({ holder, at: at.getTime() }))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

async function readLeases(db: Kysely<unknown>): Promise<readonly Lease[]> {
  const { rows } = await sql<Row>`
    select holder, acknowledged::text as acknowledged, renewals::text as renewals, ms from lease`.execute(db)
  return rows.map(({ renewals, ...row }) => ({ ...row, renewals: Number(renewals) }))
}

/** By the primary key: the oldest revisions are those that were acknowledged longest ago, but for a few. */
async function sweep(db: Kysely<unknown>): Promise<void> {
  await sql`
    delete from acknowledgement where (revision, holder) in (
      select revision, holder from (
        select revision, holder, at from acknowledgement order by revision, holder limit ${SWEPT_AT_ONCE}) as oldest
      where at < clock_timestamp() - make_interval(days => ${REMEMBERED_DAYS}))`.execute(db)
}

interface Row {
  readonly holder: string
  readonly ms: number
  readonly acknowledged: string
  readonly renewals: string
}
