import { type Kysely, type RawBuilder, sql } from 'kysely'
import { alive, blocked, dead, erased } from '../../standing/sql-alive.ts'
import type {
  FailedEvent,
  KeptFailure,
  ListAsked,
  QuarantineStore,
  WaitingFailures,
} from './quarantine-store.ts'
import { rewriteTables } from '../../standing/sql-rewrite.ts'

export interface SqlQuarantineOptions {
  readonly db: Kysely<unknown>
  /** As the engine's own user, who alone can vacuum. */
  readonly admin: Kysely<unknown>
}

/** In PGlite or PostgreSQL 15 and later. */
export function createSqlQuarantine({ db, admin }: SqlQuarantineOptions): QuarantineStore {
  return {
    put: (failed, now) => put(db, failed, now),
    async list(asked) {
      const { rows } = await sql<FailureRow>`select ${columns} from failed_event
        where ${matching(asked)} order by first_at, id limit ${asked.limit}`.execute(db)
      return rows.map(toFailure)
    },
    async read(ids, now) {
      const { rows } = await sql<FailureRow & { readonly sealed: Buffer | null }>`
        select ${columns}, case when ${mayBeRead(now)} then sealed end as sealed
        from failed_event where id = any(${ids}::text[]) order by first_at, id`.execute(db)
      return rows.map(({ sealed, ...row }) => ({ ...toFailure(row), sealed }))
    },
    async settle(ids, state, now) {
      await sql`update failed_event set ${WITHOUT}, state = ${state}, settled_at = ${new Date(now)}::timestamptz
        where id = any(${ids}::text[])`.execute(db)
    },
    async waiting() {
      const { rows } = await sql<WaitingFailures>`
        select code, count(*)::int as count, ${millis('min(first_at)')} as "oldestAt"
        from failed_event where state = 'waiting' group by code order by code`.execute(db)
      return rows
    },
    async expire(now, settledBefore) {
      const { numAffectedRows: over = 0n } = await sql`update failed_event set ${WITHOUT}
        where sealed is not null and expires_at <= ${new Date(now)}::timestamptz`.execute(db)
      const { numAffectedRows: old = 0n } = await sql`delete from failed_event
        where settled_at < ${new Date(settledBefore)}::timestamptz`.execute(db)
      return Number(over + old)
    },
    ...upkeep(db, admin),
  }
}

function upkeep(
  db: Kysely<unknown>,
  admin: Kysely<unknown>,
): Pick<QuarantineStore, 'purgeDead' | 'vacuum' | 'copyPids' | 'forgetPids'> {
  return {
    async purgeDead(now, only) {
      const pids = only ?? null
      const { numAffectedRows: payloads = 0n } = await sql`update failed_event set ${WITHOUT}
        where sealed is not null and (${pids}::text[] is null or rests_pid = any(${pids}::text[]))
          and ${dead(RESTS, now)}`.execute(db)
      const { numAffectedRows: names = 0n } = await sql`update failed_event set ${WITHOUT}
        where pid is not null and (${pids}::text[] is null or pid = any(${pids}::text[]))
          and ${erased('failed_event.pid')}`.execute(db)
      return Number(payloads + names)
    },
    vacuum: () => rewriteTables(admin, ['events.failed_event']),
    async copyPids(renamed) {
      const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
      await sql`update failed_event set pid = "to" from ${given} where pid = "from"`.execute(db)
      await sql`update failed_event set rests_pid = "to" from ${given} where rests_pid = "from"`.execute(db)
    },
    async forgetPids(pids) {
      await sql`update failed_event set ${WITHOUT}
        where pid = any(${pids}::text[]) or rests_pid = any(${pids}::text[])`.execute(db)
    },
  }
}

/** Without a payload there is nothing that would be replayed, and no name is needed. */
const WITHOUT = sql`sealed = null, expires_at = null, rests_pid = null, rests_scope = null, rests_revision = null,
  pid = null, consent_id = null`

const RESTS = {
  pid: 'failed_event.rests_pid',
  scope: 'failed_event.rests_scope',
  revision: 'failed_event.rests_revision',
}

const mayBeRead = (now: number): RawBuilder<boolean> =>
  sql`(expires_at > ${new Date(now)}::timestamptz and not ${blocked(RESTS.pid)}
    and (rests_revision is null or ${alive(RESTS, now)}))`

/** One statement may not touch a row twice: what stands twice in a batch is written one after the other. */
async function put(db: Kysely<unknown>, failed: readonly FailedEvent[], now: number): Promise<void> {
  let rest = failed
  while (rest.length > 0) {
    const once = new Map<string, FailedEvent>()
    const again: FailedEvent[] = []
    for (const one of rest) {
      if (once.has(one.id)) again.push(one)
      else once.set(one.id, one)
    }
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await putOnce(db, [...once.values()], now)
    rest = again
  }
}

async function putOnce(db: Kysely<unknown>, failed: readonly FailedEvent[], now: number): Promise<void> {
  const rows = failed.map(({ payload, envelope, ...rest }) => ({
    ...rest,
    ...envelope,
    sealed: payload?.sealed.toString('hex') ?? null,
    restsPid: payload?.pid ?? null,
    restsScope: payload?.scope ?? null,
    restsRevision: payload?.revision ?? null,
    expiresAt: payload?.expiresAt ?? null,
  }))
  const rests = { pid: 'given.restsPid', scope: 'given.restsScope', revision: 'given.restsRevision' }
  const kept = sql`judged.is_kept`
  await sql`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as sent (id text, digest text, bytes int,
        source text, code text, stage text, place text, "eventId" text, type text, version int, "occurredAt" float8,
        pid text, "consentId" text, "contractVersion" int, sealed text, "restsPid" text, "restsScope" text,
        "restsRevision" bigint, "expiresAt" float8)
    ), judged as (
      select given.*, given.sealed is not null
        and (${sql.ref(rests.revision)} is null or ${alive(rests, now)}) and not ${blocked(rests.pid)} as is_kept
      from given
    )
    insert into failed_event (id, digest, bytes, source, code, stage, place, event_id, type, version, occurred_at, pid,
      consent_id, contract_version, state, first_at, last_at, attempts, sealed, rests_pid, rests_scope, rests_revision,
      expires_at)
    select id, digest, bytes, source, code, stage, place, "eventId", type, version,
      to_timestamp("occurredAt" / 1000.0), case when ${kept} then pid end, case when ${kept} then "consentId" end,
      "contractVersion", 'waiting',
      ${new Date(now)}::timestamptz, ${new Date(now)}::timestamptz, 1,
      case when ${kept} then decode(sealed, 'hex') end, case when ${kept} then "restsPid" end,
      case when ${kept} then "restsScope" end, case when ${kept} then "restsRevision" end,
      case when ${kept} then to_timestamp("expiresAt" / 1000.0) end
    from judged order by id -- in one order, so that two writers of the same rows wait for one another in it
    on conflict (id) do update set code = excluded.code, stage = excluded.stage, place = excluded.place,
      event_id = excluded.event_id, type = excluded.type, version = excluded.version,
      occurred_at = excluded.occurred_at, pid = excluded.pid, consent_id = excluded.consent_id,
      contract_version = excluded.contract_version, state = 'waiting', settled_at = null,
      last_at = excluded.last_at, attempts = failed_event.attempts + 1, sealed = excluded.sealed,
      rests_pid = excluded.rests_pid, rests_scope = excluded.rests_scope, rests_revision = excluded.rests_revision,
      expires_at = excluded.expires_at`.execute(db)
}

interface FailureRow extends Omit<KeptFailure, 'envelope'> {
  readonly eventId: string | null
  readonly type: string | null
  readonly version: number | null
  readonly occurredAt: number | null
  readonly pid: string | null
  readonly consentId: string | null
}

const millis = (column: string): RawBuilder<unknown> =>
  sql.raw(`round(date_part('epoch', ${column}) * 1000)::float8`)

const columns = sql`id, digest, bytes, source, code, stage, place, event_id as "eventId", type, version,
  ${millis('occurred_at')} as "occurredAt", pid, consent_id as "consentId", contract_version as "contractVersion", state,
  ${millis('first_at')} as "firstAt", ${millis('last_at')} as "lastAt", attempts, sealed is not null as "hasPayload",
  ${millis('expires_at')} as "expiresAt"`

function toFailure({ eventId, type, version, occurredAt, pid, consentId, ...rest }: FailureRow): KeptFailure {
  return { ...rest, envelope: { eventId, type, version, occurredAt, pid, consentId } }
}

function matching({ state, code, source, type, after }: ListAsked): RawBuilder<unknown> {
  const equal = Object.entries({ state, code, source, type }).flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${sql.ref(name)} = ${value}`],
  )
  const behind =
    after === undefined
      ? []
      : [sql`(first_at, id) > (select first_at, id from failed_event where id = ${after})`]
  return sql.join([sql`true`, ...equal, ...behind], sql` and `)
}
