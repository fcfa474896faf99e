import type { Duration } from './duration.ts'

/** What is computed of events, and over which of them. */
export type Take = (typeof TAKES)[number]
export const TAKES = ['count', 'sum', 'mean', 'min', 'max', 'last', 'distinct', 'values', 'exists'] as const

/** As GraphQL has it. */
export type FeatureType = (typeof FEATURE_TYPES)[number]
export const FEATURE_TYPES = ['Int', 'Float', 'String', 'Boolean', '[String!]'] as const

export const DISPOSITIONS = ['purge', 'anonymise', 'retain'] as const

export type FeatureScalar = number | string | boolean

export type FeatureValue = FeatureScalar | readonly string[]

/** One feature: what it is made of, whose yes it needs, how long it lives, who answers for it. */
export interface FeatureDefinition {
  /** In the store. */
  readonly name: string
  /** In the graph: the field that serves it. */
  readonly field: string
  readonly type: FeatureType
  readonly description: string
  readonly source: FeatureSource
  /** What a person has to have agreed to. Always one: a feature without a scope cannot be registered. */
  readonly scope: string
  readonly purpose: readonly string[]
  /** How long a value may be served after it was computed. */
  readonly ttl: Duration
  /** How far behind what has happened a value may be and still count as fresh. */
  readonly freshness: Duration
  /** How long anything of it may be kept; no value lives longer. */
  readonly retention: Duration
  readonly disposition: (typeof DISPOSITIONS)[number]
  readonly owner: string
  readonly consumers: readonly string[]
  /** A sentence with places for what it was computed from. */
  readonly explanation: string
  /** What is answered for nobody in particular; null: nothing is. */
  readonly anonymous: FeatureValue | null
  /** Of the source: what was computed by another one is not mixed with what is computed by this one. */
  readonly digest: string
}

export type FeatureSource = EventFeature | ProfileFeature

/** Computed from what a person did. */
export interface EventFeature {
  readonly kind: 'event'
  readonly event: string
  /** Which events of that type: those with exactly these values. */
  readonly where: Readonly<Record<string, FeatureScalar>>
  readonly take: Take
  /** Which value of the event; `$occurredAt` is when it happened; null where events themselves count. */
  readonly of: string | null
  readonly window: Duration
}

/** What a person told, as it is. */
export interface ProfileFeature {
  readonly kind: 'profile'
  readonly attribute: string
}

export const OCCURRED_AT = '$occurredAt'
