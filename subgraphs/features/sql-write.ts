import { type Kysely, type RawBuilder, sql } from 'kysely'
import { alive, blocked } from '../standing/sql-alive.ts'
import type { FeatureKey, TracedRow } from './store.ts'

/** Takes those that are alive at this very moment: what is heard of consent meanwhile holds for what is written, too. */
export async function writeServed(
  db: Kysely<never>,
  rows: readonly TracedRow[],
  now: number,
): Promise<number> {
  const all = rowsOf(rows)
  let taken = 0
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const given = all.slice(start, start + AT_ONCE)
    const counts = new Map(given.map((row) => [nameOf(row), row.count]))
    // oxlint-disable-next-line no-await-in-loop -- one connection, one statement after the other
    const { rows: written } = await sql<Pick<ServedRow, 'pid' | 'scope'>>`
      insert into served as kept (pid, scope, consent_id, consent_revision, vals, plain, lineage, expires_at, due_at)
      select pid, scope, consent_id, revision, vals::jsonb, plain, lineage::jsonb, expires_at, due_at
      from unnest(${given.map(({ pid }) => pid)}::text[], ${given.map(({ scope }) => scope)}::text[],
        ${given.map(({ consentId }) => consentId)}::text[], ${given.map((row) => row.consentRevision)}::bigint[],
        string_to_array(${linesOf(given.map(({ vals }) => vals))}::text, chr(10)),
        string_to_array(${linesOf(given.map(({ plain }) => plain))}::text, chr(10)),
        string_to_array(${linesOf(given.map(({ lineage }) => lineage))}::text, chr(10)),
        ${given.map(({ expiresAt }) => expiresAt)}::bigint[], ${given.map(({ dueAt }) => dueAt)}::bigint[])
        as given (pid, scope, consent_id, revision, vals, plain, lineage, expires_at, due_at)
      where ${alive({ pid: 'given.pid', scope: 'given.scope', revision: 'given.revision' }, now)}
        and not ${blocked('given.pid')}
      order by pid, scope
      on conflict (pid, scope) do update set (consent_id, consent_revision, vals, plain, lineage, expires_at, due_at) = (
        select excluded.consent_id, revision, vals, told.plain, lineage, told.expires_at, told.due_at
        from (select
          case when lives then least(kept.consent_revision, excluded.consent_revision) else excluded.consent_revision end as revision,
          case when lives then kept.vals || excluded.vals else excluded.vals end as vals,
          case when lives then kept.lineage || excluded.lineage else excluded.lineage end as lineage
          from (select ${alive({ pid: 'kept.pid', scope: 'kept.scope', revision: 'kept.consent_revision' }, now)} as lives) as it
        ) as merged cross join lateral (
          select min((it ->> 2)::bigint) as expires_at, min((it ->> 3)::bigint) as due_at,
            jsonb_object_agg(name, it -> 0)::text as plain
          from jsonb_each(merged.vals) as each_of (name, it)) as told)
      returning pid, scope`.execute(db)
    for (const row of written) taken += counts.get(nameOf(row)) ?? 0
  }
  return taken
}

/** JSON has no line breaks of its own: a text that is cut is read much sooner than a list in quotes. */
const linesOf = (documents: readonly object[]): string =>
  documents.map((document) => JSON.stringify(document)).join('\n')

/** In whose window there is nothing: the value goes, and with the last one its row. */
export async function clearServed(db: Kysely<never>, keys: readonly FeatureKey[]): Promise<void> {
  if (keys.length === 0) return
  await sql`
    update served set vals = vals - names, plain = plain_values(vals - names), lineage = lineage - names,
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
  readonly vals: Record<string, readonly [unknown, number, number, number | null]>
  /** Without their times, as they are answered. */
  readonly plain: Readonly<Record<string, unknown>>
  readonly lineage: Record<string, unknown>
  readonly count: number
  /** Of all values, the first. */
  readonly expiresAt: number
  readonly dueAt: number | null
}

type Draft = Omit<ServedRow, 'plain' | 'count' | 'expiresAt' | 'dueAt'>

/** One row a person and scope: it rests on the eldest of what its values rest on. */
function rowsOf(rows: readonly TracedRow[]): ServedRow[] {
  const grouped = new Map<string, Draft>()
  for (const { pid, scope, feature, value, lineage, ...row } of rows) {
    const key = nameOf({ pid, scope })
    const known = grouped.get(key)
    const { vals = named(), lineage: told = named() } = known ?? {}
    vals[feature] = [value, row.computedAt, row.expiresAt, row.dueAt]
    told[feature] = lineage
    const revision =
      known === undefined ? row.consentRevision : elder(known.consentRevision, row.consentRevision)
    const rests = { consentId: row.consentId, consentRevision: revision }
    grouped.set(key, { pid, scope, ...rests, vals, lineage: told })
  }
  return [...grouped.values()].map((row) => {
    const kept = Object.values(row.vals)
    const due = Math.min(...kept.map(([, , , at]) => at ?? Infinity))
    const expiresAt = Math.min(...kept.map(([, , at]) => at))
    const plain = Object.fromEntries(Object.entries(row.vals).map(([name, [value]]) => [name, value]))
    return { ...row, plain, count: kept.length, expiresAt, dueAt: due === Infinity ? null : due }
  })
}

/** No scope has a space. */
const nameOf = ({ pid, scope }: Pick<ServedRow, 'pid' | 'scope'>): string => `${scope} ${pid}`

const named = (): Record<string, never> => Object.create(null)

const elder = (one: string, other: string): string => (BigInt(one) <= BigInt(other) ? one : other)

const AT_ONCE = 2_000
