/** What a training set is made of. */
export interface TrainingSpec {
  readonly name: string
  /** What it is for: a purpose of the vocabulary. Features that may not be used for it are refused. */
  readonly purpose: string
  readonly consent: ConsentRule
  readonly features: readonly WantedFeature[]
  readonly entities: Entities
}

/**
 * "Contain a row only if consent was valid at event time and still is at build time; both rules can be asked for and are
 * recorded": whose consent has to hold, at the time of the label, at the time of building, or at both.
 */
export type ConsentRule = (typeof CONSENT_RULES)[number]
export const CONSENT_RULES = ['then-and-now', 'then', 'now'] as const

export interface WantedFeature {
  readonly name: string
  /** Of its definition; null: the one there is. */
  readonly version: string | null
}

export type Entities =
  | { readonly kind: 'listed'; readonly rows: readonly LabelledTime[] }
  /** Everybody who did anything, at each of these times. */
  | { readonly kind: 'everybody'; readonly at: readonly number[] }

/** A person as of a time, milliseconds since the epoch. */
export interface LabelledTime {
  readonly pid: string
  readonly at: number
  readonly label: string | null
}
