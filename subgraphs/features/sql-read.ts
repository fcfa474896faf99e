import { type Kysely, type RawBuilder, sql } from 'kysely'
import { prepared } from '../database.ts'
import { alive, aliveIn, blocked, heldOf } from '../standing/sql-alive.ts'
import type { FeatureValue } from './definitions/feature-definition.ts'
import type { Lineage } from './materialise/feature-state.ts'
import type { Asked, FeatureKey, TracedRow, Values } from './store.ts'

/**
 * The query itself asks what was heard of consent and whether the time has run out. The receipt of the time of writing is
 * not asked: it never changes, so it says yes for ever.
 *
 * Each index is entered once a person, not once a row: of a million people nothing that is asked for lies near by, and the
 * ways down are what takes the time. The answer is one text, with the place of each question: a driver that makes an object
 * of each of hundreds of rows, and parses a document in each, takes longer than the database does.
 */
export async function readServed(
  db: Kysely<never>,
  asked: readonly Asked[],
  now: number,
): Promise<readonly Values[]> {
  const parts: Promise<readonly Values[]>[] = []
  const size = Math.max(LEAST_PART, Math.ceil(asked.length / MOST_PARTS))
  for (let start = 0; start < asked.length; start += size)
    parts.push(readPart(db, asked.slice(start, start + size), now))
  return (await Promise.all(parts)).flat()
}

/** A connection is a process of the server: of many people each of a few reads its part, at the same time. */
const MOST_PARTS = 4
const LEAST_PART = 50

async function readPart(db: Kysely<never>, asked: readonly Asked[], now: number): Promise<readonly Values[]> {
  const groupsOf = remembering(groupsIn)
  const answer = await oneText(
    sql`${prepared('features-read-4')}
    select string_agg('[' || place || found.vals || ']', ',') as answer
    from unnest(${asked.map(({ pid }) => pid)}::text[],
      ${asked.map(({ features }) => groupsOf(features).scopes)}::text[]) with ordinality as asked (pid, scopes, place)
    cross join lateral ${heldOf('asked.pid', now, IS_ASKED)} as held
    cross join lateral (
      select string_agg(',"' || scope || '",' || case when expires_at > ${now}::bigint then plain
        else coalesce(plain_values(${living(now)}), '{}') end, '') as vals
      from served where served.pid = asked.pid
        and ${aliveIn('held', { scope: 'served.scope', revision: 'served.consent_revision' })}) as found
    where found.vals is not null and not ${blocked('asked.pid')}`,
    db,
  )
  const read: Values[] = asked.map(() => [])
  for (const [place, ...found] of answer as readonly (readonly [number, ...unknown[]])[]) {
    const question = asked[place - 1]
    if (question !== undefined) read[place - 1] = valuesIn(found, groupsOf(question.features))
  }
  return read
}

const IS_ASKED = sql<boolean>`strpos(asked.scopes, ' "' || held_scope || '" ') > 0`

/** What is asked under each scope. */
interface Groups {
  /** Each in quotes and between spaces: a name that is another one in JSON is found nowhere. */
  readonly scopes: string
  /** By scope, with the place of each among all that is asked for. */
  readonly features: ReadonlyMap<string, readonly Placed[]>
  readonly none: Values
}

type Placed = readonly [place: number, feature: string]

function groupsIn(features: Asked['features']): Groups {
  const groups = new Map<string, Placed[]>()
  for (const [place, { scope, feature }] of features.entries()) {
    const known = groups.get(scope)
    if (known === undefined) groups.set(scope, [[place, feature]])
    else known.push([place, feature])
  }
  const names = [...groups.keys()].map((scope) => ` ${JSON.stringify(scope)} `)
  return { scopes: names.join(''), features: groups, none: features.map(() => undefined) }
}

/** `found`: the name of a scope and what is kept under it, by turns. What was not asked does not leave. */
function valuesIn(found: readonly unknown[], { features, none }: Groups): Values {
  const values = [...none]
  for (let at = 0; at < found.length; at += 2) {
    const kept = found[at + 1] as Named<FeatureValue>
    for (const [place, feature] of features.get(String(found[at])) ?? [])
      if (Object.hasOwn(kept, feature)) values[place] = kept[feature]
  }
  return values
}

function remembering<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const made = new Map<K, V>()
  return (of) => {
    const known = made.get(of)
    if (known !== undefined) return known
    const fresh = make(of)
    made.set(of, fresh)
    return fresh
  }
}

/** Values with their times and where they come from, under the same conditions. */
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
    const { pid, scope, features } = asked[place - 1] ?? NOBODY
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

const NOBODY: AskedPair = { pid: '', scope: '', features: [] }

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
