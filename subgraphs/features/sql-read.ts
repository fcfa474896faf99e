import { type Kysely, type RawBuilder, sql } from 'kysely'
import { prepared } from '../database.ts'
import { alive, blocked } from '../standing/sql-alive.ts'
import type { FeatureValue } from './definitions/feature-definition.ts'
import type { Lineage } from './materialise/feature-state.ts'
import type { FeatureKey, ServedValue, TracedRow } from './store.ts'

/**
 * The query itself asks what was heard of consent and whether the time has run out. The receipt of the time of writing is
 * not asked: it never changes, so it says yes for ever.
 *
 * The answer is one text, with the place of each pair that was asked for: a driver that makes an object of each of hundreds
 * of rows, and parses a document in each, takes longer than the database does.
 */
export async function readServed(
  db: Kysely<never>,
  keys: readonly FeatureKey[],
  now: number,
): Promise<readonly ServedValue[]> {
  if (keys.length === 0) return []
  const asked = askedOf(keys)
  const answer = await oneText(
    sql`${prepared('features-read-2')}
    select string_agg('[' || place || ',' || case when expires_at > ${now}::bigint then plain
      else coalesce(plain_values(${living(now)}), '{}') end || ']', ',') as answer ${livingRows(asked, now)}`,
    db,
  )
  const read: ServedValue[] = []
  for (const [place, values] of answer as readonly (readonly [number, Named<FeatureValue>])[]) {
    const { pid, scope, features } = asked[place - 1] ?? NOTHING
    for (const feature of features) {
      const value = Object.hasOwn(values, feature) ? values[feature] : undefined
      if (value !== undefined) read.push({ pid, scope, feature, value })
    }
  }
  return read
}

/** The same, with their times and where they come from. */
export async function traceServed(
  db: Kysely<never>,
  keys: readonly FeatureKey[],
  now: number,
): Promise<readonly TracedRow[]> {
  if (keys.length === 0) return []
  const asked = askedOf(keys)
  const answer = await oneText(
    sql`${prepared('features-trace-2')}
    select string_agg(json_build_array(place, consent_id, consent_revision::text,
      coalesce(case when expires_at > ${now}::bigint then vals else ${living(now)} end, '{}'), lineage)::text, ',')
      as answer ${livingRows(asked, now)}`,
    db,
  )
  const read: TracedRow[] = []
  for (const [place, consentId, consentRevision, vals, lineages] of answer as readonly Traced[]) {
    const { pid, scope, features } = asked[place - 1] ?? NOTHING
    for (const feature of features) {
      const [kept, lineage] = Object.hasOwn(vals, feature) ? [vals[feature], lineages[feature]] : []
      if (kept === undefined || lineage === undefined) continue
      const [value, computedAt, expiresAt, dueAt] = kept
      const rests = { consentId, consentRevision, lineage }
      read.push({ pid, scope, feature, value, computedAt, expiresAt, dueAt, ...rests })
    }
  }
  return read
}

type Named<T> = Readonly<Record<string, T>>
type Kept = readonly [value: FeatureValue, computedAt: number, expiresAt: number, dueAt: number | null]
type Traced = readonly [
  place: number,
  consentId: string,
  consentRevision: string,
  vals: Named<Kept>,
  lineage: Named<Lineage>,
]

const livingRows = (asked: readonly AskedPair[], now: number) => sql`
  from unnest(${asked.map(({ pid }) => pid)}::text[], ${asked.map(({ scope }) => scope)}::text[])
    with ordinality as asked (pid, scope, place)
  join served using (pid, scope)
  where ${alive({ pid: 'served.pid', scope: 'served.scope', revision: 'served.consent_revision' }, now)}
    and not ${blocked('served.pid')}`

async function oneText(query: RawBuilder<unknown>, db: Kysely<never>): Promise<readonly unknown[]> {
  const { rows } = await (query as RawBuilder<{ answer: string | null }>).execute(db)
  return JSON.parse(`[${rows[0]?.answer ?? ''}]`) as readonly unknown[]
}

const NOTHING: AskedPair = { pid: '', scope: '', features: [] }

interface AskedPair {
  readonly pid: string
  readonly scope: string
  readonly features: readonly string[]
}

/** Consent is asked for a person and a scope: so is the row. Twenty features of a hundred people are named without a text of any. */
function askedOf(keys: readonly FeatureKey[]): readonly AskedPair[] {
  const people = new Map<string, Map<string, string[]>>()
  const asked: AskedPair[] = []
  for (const { pid, scope, feature } of keys) {
    let scopes = people.get(pid)
    if (scopes === undefined) people.set(pid, (scopes = new Map()))
    const features = scopes.get(scope)
    if (features === undefined) {
      const first = [feature]
      scopes.set(scope, first)
      asked.push({ pid, scope, features: first })
    } else if (!features.includes(feature)) features.push(feature)
  }
  return asked
}

const living = (now: number) =>
  sql`(select jsonb_object_agg(name, it) from jsonb_each(vals) as each_of (name, it) where (it ->> 2)::bigint > ${now}::bigint)`
