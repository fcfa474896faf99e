import { type Kysely, type RawBuilder, sql } from 'kysely'
import { alive, blocked } from '../standing/sql-alive.ts'
import type { FeatureKey, StateRow, TracedRow } from './store.ts'

/** Takes those that are alive at this very moment: what is heard of consent meanwhile holds for what is written, too. */
export async function writeServed(
  db: Kysely<never>,
  rows: readonly TracedRow[],
  now: number,
): Promise<number> {
  let taken = 0
  for (const given of inParts(rowsOf(rows))) {
    // oxlint-disable-next-line no-await-in-loop -- one connection, one statement after the other
    const { rows: written } = await sql<{ taken: number }>`
      with written as (
        insert into served as kept (pid, scope, consent_id, consent_revision, vals, lineage, expires_at, due_at)
        select pid, scope, "consentId", "consentRevision", vals, lineage, ${earliest('vals', 2)}, ${earliest('vals', 3)}
        from jsonb_to_recordset(${given}::jsonb) as given (pid text, scope text, "consentId" text,
          "consentRevision" bigint, vals jsonb, lineage jsonb)
        where ${alive({ pid: 'given.pid', scope: 'given.scope', revision: 'given.consentRevision' }, now)}
          and not ${blocked('given.pid')}
        order by pid, scope
        on conflict (pid, scope) do update set (consent_id, consent_revision, vals, lineage, expires_at, due_at) = (
          select excluded.consent_id, revision, vals, lineage, ${earliest('vals', 2)}, ${earliest('vals', 3)}
          from (select
            case when lives then least(kept.consent_revision, excluded.consent_revision) else excluded.consent_revision end as revision,
            case when lives then kept.vals || excluded.vals else excluded.vals end as vals,
            case when lives then kept.lineage || excluded.lineage else excluded.lineage end as lineage
            from (select ${alive({ pid: 'kept.pid', scope: 'kept.scope', revision: 'kept.consent_revision' }, now)} as lives) as it
          ) as merged)
        returning pid, scope)
      select coalesce(sum((select count(*) from jsonb_object_keys(given.vals))), 0)::int as taken
      from written join jsonb_to_recordset(${given}::jsonb) as given (pid text, scope text, vals jsonb) using (pid, scope)`.execute(
      db,
    )
    taken += written[0]?.taken ?? 0
  }
  return taken
}

export async function writeStates(
  db: Kysely<never>,
  states: readonly StateRow[],
  now: number,
): Promise<void> {
  const rows = states.map(({ pid, feature, scope, state }) => ({ pid, feature, scope, ...state }))
  for (const given of inParts(rows))
    // oxlint-disable-next-line no-await-in-loop -- one connection, one statement after the other
    await sql`
      insert into state (pid, feature, scope, consent_revision, digest, buckets)
      select pid, feature, scope, revision, digest, buckets
      from jsonb_to_recordset(${given}::jsonb) as given (pid text, feature text, scope text, revision bigint,
        digest text, buckets jsonb)
      where ${alive({ pid: 'given.pid', scope: 'given.scope', revision: 'given.revision' }, now)}
        and not ${blocked('given.pid')}
      order by pid, feature
      on conflict (pid, feature) do update set scope = excluded.scope, consent_revision = excluded.consent_revision,
        digest = excluded.digest, buckets = excluded.buckets`.execute(db)
}

/** In whose window there is nothing: the value goes, and with the last one its row. */
export async function clearServed(db: Kysely<never>, keys: readonly FeatureKey[]): Promise<void> {
  if (keys.length === 0) return
  await sql`
    update served set vals = vals - names, lineage = lineage - names,
      expires_at = coalesce(${earliest('vals - names', 2)}, 0), due_at = ${earliest('vals - names', 3)}
    from (select pid, scope, array_agg(feature) as names
      from unnest(${keys.map(({ pid }) => pid)}::text[], ${keys.map(({ scope }) => scope)}::text[],
        ${keys.map(({ feature }) => feature)}::text[]) as given (pid, scope, feature) group by 1, 2) as gone
    where served.pid = gone.pid and served.scope = gone.scope`.execute(db)
  await sql`delete from served where vals = '{}' and pid = any(${keys.map(({ pid }) => pid)}::text[])`.execute(
    db,
  )
}

/** Of the times that stand at one place of each value, the first. */
export const earliest = (vals: string, place: 2 | 3): RawBuilder<number | null> =>
  sql`(select min((it ->> ${sql.lit(place)})::bigint) from jsonb_each(${sql.raw(vals)}) as each_of (name, it))`

interface ServedRow {
  readonly pid: string
  readonly scope: string
  readonly consentId: string
  readonly consentRevision: string
  readonly vals: Record<string, readonly unknown[]>
  readonly lineage: Record<string, unknown>
}

/** One row a person and scope: it rests on the eldest of what its values rest on. */
function rowsOf(rows: readonly TracedRow[]): ServedRow[] {
  const grouped = new Map<string, ServedRow>()
  for (const { pid, scope, feature, value, lineage, ...row } of rows) {
    const key = JSON.stringify([pid, scope])
    const known = grouped.get(key)
    const { vals = named(), lineage: told = named() } = known ?? {}
    vals[feature] = [value, row.computedAt, row.expiresAt, row.dueAt]
    told[feature] = lineage
    const revision =
      known === undefined ? row.consentRevision : elder(known.consentRevision, row.consentRevision)
    grouped.set(key, {
      pid,
      scope,
      consentId: row.consentId,
      consentRevision: revision,
      vals,
      lineage: told,
    })
  }
  return [...grouped.values()]
}

const named = (): Record<string, never> => Object.create(null)

const elder = (one: string, other: string): string => (BigInt(one) <= BigInt(other) ? one : other)

const AT_ONCE = 2_000

function* inParts(rows: readonly object[]): Generator<string> {
  for (let start = 0; start < rows.length; start += AT_ONCE)
    yield JSON.stringify(rows.slice(start, start + AT_ONCE))
}
