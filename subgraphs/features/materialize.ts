import { openDefinitions } from './definitions/definitions-in.ts'
import type { FeatureDefinition } from './definitions/feature-definition.ts'
import type { FeatureRow } from './store.ts'

/** Something a person did; kinds other than `session` and `purchase` are passed over. */
export interface ActivityEvent {
  readonly pid: string
  readonly kind: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Length of a session. */
  readonly seconds: number | null
}

/** What a person told the shop. */
export interface Profile {
  readonly pid: string
  readonly planTier: string
  readonly preferredLanguage: string
}

export interface MaterializeInput {
  readonly events: Iterable<ActivityEvent>
  readonly profiles: Iterable<Profile>
  /** The receipt that allows, or allowed, values under a scope; null: nothing is computed. */
  readonly receiptOf: (pid: string, scope: string) => string | null
  readonly now: number
}

const DAY = 86_400_000

/**
 * Each row names the receipt it rests on; without one there is no row (GDPR Art. 6(1)).
 * A receipt that was withdrawn since does not remove the row: serving it is what the gateway prevents until it is purged.
 */
export function materialize({ events, profiles, receiptOf, now }: MaterializeInput): FeatureRow[] {
  const { sessions, purchases } = readEvents(events, now)
  const people = [...profiles]
  const values = new Map<string, Values>([
    ['session_duration', new Map([...sessions].map(([pid, { seconds, count }]) => [pid, seconds / count]))],
    ['last_purchase', new Map([...purchases].map(([pid, at]) => [pid, new Date(at).toISOString()]))],
    ['plan_tier', new Map(people.map(({ pid, planTier }) => [pid, planTier]))],
    ['preferred_language', new Map(people.map(({ pid, preferredLanguage }) => [pid, preferredLanguage]))],
  ])
  return openDefinitions().flatMap((feature) =>
    rowsOf(feature, values.get(feature.name) ?? new Map(), { receiptOf, now }),
  )
}

/** By pid. */
type Values = ReadonlyMap<string, number | string>

function readEvents(
  events: MaterializeInput['events'],
  now: number,
): {
  readonly sessions: ReadonlyMap<string, { readonly seconds: number; readonly count: number }>
  readonly purchases: ReadonlyMap<string, number>
} {
  const sessions = new Map<string, { seconds: number; count: number }>()
  const purchases = new Map<string, number>()
  for (const { pid, kind, at, seconds } of events) {
    if (at > now) continue
    if (kind === 'purchase') purchases.set(pid, Math.max(at, purchases.get(pid) ?? at))
    if (kind !== 'session' || seconds === null || at <= now - 30 * DAY) continue
    const sum = sessions.get(pid) ?? { seconds: 0, count: 0 }
    sessions.set(pid, { seconds: sum.seconds + seconds, count: sum.count + 1 })
  }
  return { sessions, purchases }
}

function rowsOf(
  { name, scope, ttl }: FeatureDefinition,
  values: Values,
  { receiptOf, now }: Pick<MaterializeInput, 'receiptOf' | 'now'>,
): FeatureRow[] {
  const times = { computedAt: now, expiresAt: now + ttl.ms }
  return [...values].flatMap(([pid, value]) => {
    const consentId = receiptOf(pid, scope)
    return consentId === null ? [] : [{ pid, feature: name, value, scope, consentId, ...times }]
  })
}
