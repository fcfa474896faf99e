/**
 * What producers and consumers of one event type agreed on, and what the people it is about were told: what happened,
 * who answers for it, what for, on which legal basis, how long, and who may read it (GDPR Art. 5(1)(b), (e), 6, 13, 30).
 */
export interface EventContract {
  readonly type: string
  /** From 1. Several versions of a type may be in force side by side. */
  readonly version: number
  /** The team that answers for it. */
  readonly owner: string
  /** Words of the vocabulary. */
  readonly purpose: readonly string[]
  readonly description: string
  /** What `occurredAt` means, in a sentence. */
  readonly timestamp: string
  /** What was agreed to when consent is given, or why it is not asked, in a sentence. */
  readonly optIn: string
  readonly basis: Basis
  /** The consent scope an event rests on. Null where a contract with the person is the basis, and only there. */
  readonly scope: string | null
  /** ISO 8601 duration from `occurredAt`. */
  readonly retention: string
  /** Who reads it. Nobody else may. */
  readonly consumers: readonly string[]
  /** What becomes of an event whose basis has gone. */
  readonly disposition: Disposition
  readonly deprecation: Deprecation
  readonly quality: Quality
  /** The shape of `data`: always an object, without fields that are not named. */
  readonly fields: FieldSchema
}

export const BASES = ['consent', 'contract'] as const
export type Basis = (typeof BASES)[number]

export const DISPOSITIONS = ['purge', 'anonymise', 'retain'] as const
export type Disposition = (typeof DISPOSITIONS)[number]

export interface Deprecation {
  /** ISO 8601 duration: how long a version is still taken after its end was announced, at the least. */
  readonly notice: string
  /** Days (`2026-11-22`) in UTC, and the version to send instead. All three, or none while no end is in sight. */
  readonly announced: string | null
  readonly until: string | null
  readonly successor: number | null
}

/** What is watched, and who is told. */
export interface Quality {
  /** ISO 8601 duration from `occurredAt` within which an event should have come. */
  readonly freshness: string
  /** The least share of events that fit, from 0 to 1. */
  readonly minimumValid: number
  readonly alert: string
}

export const FIELD_TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const
export type FieldType = (typeof FIELD_TYPES)[number]

/** How much a field says of a person. `contact`, `personal` and `special` are known, so that they can be refused. */
export const CLASSIFICATIONS = [
  'reference',
  'behaviour',
  'transaction',
  'preference',
  'relationship',
  'pseudonymous',
] as const
export type Classification = (typeof CLASSIFICATIONS)[number]

/** One field of `data`, or the list of fields of an object, or the items of a list. */
export interface FieldSchema {
  readonly type: FieldType
  readonly nullable: boolean
  readonly meaning: string
  /** Null for what only holds other fields. */
  readonly classification: Classification | null
  /** Null: that of the contract. */
  readonly disposition: Disposition | null
  readonly bounds: FieldBounds
  /** Values it may have; null when it is bounded otherwise. */
  readonly choices: readonly (string | number)[] | null
  readonly pattern: string | null
  readonly format: FieldFormat | null
  readonly examples: readonly unknown[]
  /** Of a list. */
  readonly items: FieldSchema | null
  /** Of an object: its fields by name, and which of them have to be there. */
  readonly properties: ReadonlyMap<string, FieldSchema>
  readonly required: ReadonlySet<string>
}

export const BOUNDS = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
] as const
export type BoundName = (typeof BOUNDS)[number]
export type FieldBounds = Readonly<Partial<Record<BoundName, number>>>

export const FORMATS = ['date', 'time', 'date-time', 'duration', 'uuid'] as const
export type FieldFormat = (typeof FORMATS)[number]
