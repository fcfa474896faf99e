import type { BasisName } from './bases.ts'

/** Where something is shown or sent. What goes to a person needs that they agreed to be reached there. */
export const CHANNELS = ['web', 'app', 'email', 'sms'] as const

export type Channel = (typeof CHANNELS)[number]

export type FactValue = string | number | boolean

/** What a feature has to be: exactly one of these. */
export type Condition =
  | { readonly kind: 'is'; readonly value: FactValue }
  | { readonly kind: 'in'; readonly values: readonly FactValue[] }
  | { readonly kind: 'atLeast' | 'atMost'; readonly value: number }
  | { readonly kind: 'present' }

/** One thing that can be offered to a person, and to whom. Data: `actions/*.yaml`. */
export interface Action {
  readonly name: string
  /** Null: for anybody, whatever is known. */
  readonly basis: BasisName | null
  readonly channels: readonly Channel[]
  /** The consent it needs. */
  readonly scopes: readonly string[]
  /** By feature; all must hold. */
  readonly when: ReadonlyMap<string, Condition>
  /** Milliseconds after it was shown during which it is not shown again. */
  readonly cooldownMs: number
  /** The lowest goes first. */
  readonly priority: number
  /** A sentence with places for features: `{planTier}`. */
  readonly explanation: string
  /** For nobody in particular: what is answered when nothing else fits. */
  readonly isDefault: boolean
}
