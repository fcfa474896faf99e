/** One feature: its name in the store, the field that serves it, the scope it needs, and how long a value lives. */
export interface Feature {
  readonly name: string
  readonly field: string
  readonly scope: string
  readonly ttlDays: number
}

/** No value outlives the 90 days that `schema.graphql` promises; a 30-day mean says nothing after 30 days. */
export const features: readonly Feature[] = Object.freeze([
  { name: 'session_duration', field: 'sessionDuration', scope: 'analytics', ttlDays: 30 },
  { name: 'last_purchase', field: 'lastPurchase', scope: 'product_recs', ttlDays: 90 },
  { name: 'plan_tier', field: 'planTier', scope: 'personalization', ttlDays: 90 },
  { name: 'preferred_language', field: 'preferredLanguage', scope: 'personalization', ttlDays: 90 },
])
