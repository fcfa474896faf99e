import { features, type Feature } from './feature.ts'
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
  const sessions = new Map<string, { seconds: number; count: number }>()
  const purchases = new Map<string, number>()
  for (const { pid, kind, at, seconds } of events) {
    if (at > now) continue
    if (kind === 'purchase') purchases.set(pid, Math.max(at, purchases.get(pid) ?? at))
    if (kind !== 'session' || seconds === null || at <= now - 30 * DAY) continue
    const sum = sessions.get(pid) ?? { seconds: 0, count: 0 }
    sessions.set(pid, { seconds: sum.seconds + seconds, count: sum.count + 1 })
  }

  const values = new Map<string, Map<string, number | string>>(features.map(({ name }) => [name, new Map()]))
  for (const [pid, { seconds, count }] of sessions) values.get('session_duration')?.set(pid, seconds / count)
  for (const [pid, at] of purchases) values.get('last_purchase')?.set(pid, new Date(at).toISOString())
  for (const { pid, planTier, preferredLanguage } of profiles) {
    values.get('plan_tier')?.set(pid, planTier)
    values.get('preferred_language')?.set(pid, preferredLanguage)
  }
  return features.flatMap((feature) =>
    rowsOf(feature, values.get(feature.name) ?? new Map(), { receiptOf, now }),
  )
}

function rowsOf(
  { name, scope, ttlDays }: Feature,
  values: ReadonlyMap<string, number | string>,
  { receiptOf, now }: Pick<MaterializeInput, 'receiptOf' | 'now'>,
): FeatureRow[] {
  const times = { computedAt: now, expiresAt: now + ttlDays * DAY }
  return [...values].flatMap(([pid, value]) => {
    const consentId = receiptOf(pid, scope)
    return consentId === null ? [] : [{ pid, feature: name, value, scope, consentId, ...times }]
  })
}
