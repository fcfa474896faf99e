/**
 * Each attribute of a profile has exactly one owning system, or declared rules by which one of several holds: without
 * them two systems that write the same overwrite each other for ever.
 */
export interface Registry {
  readonly name: string
  readonly version: string
  /** By name. */
  readonly systems: ReadonlyMap<string, SystemTerms>
  /** By `group.field`. */
  readonly attributes: ReadonlyMap<string, Attribute>
}

interface SystemTerms {
  readonly name: string
  /** Who answers for it. */
  readonly owner: string
  readonly sentence: string
}

export interface Attribute {
  readonly name: string
  readonly group: Group
  /** The one system that writes it; null where rules decide. */
  readonly owner: string | null
  /** From the first that tells two writes apart; the last one names every system that writes. */
  readonly precedence: readonly Rule[]
  readonly meaning: string
  readonly kind: Kind
  /** Of kind `one of`, in their order; else empty. */
  readonly values: readonly string[]
  readonly classification: string
  readonly purpose: readonly string[]
  /** What has to be granted for it to be kept; null where a contract is the basis. */
  readonly scope: string | null
  readonly retentionMs: number
  /** Systems and teams that may be given it. */
  readonly consumers: readonly string[]
}

/** The split of the source of truth: each of these has its attributes, and nothing else has any. */
export const GROUPS = {
  account: 'crm',
  stage: 'crm',
  contact: 'crm',
  cases: 'crm',
  events: 'cdp',
  segments: 'cdp',
  audiences: 'cdp',
  consent: 'consent',
  shared: null,
} as const satisfies Record<string, string | null>

export type Group = keyof typeof GROUPS

export const KINDS = [
  'email',
  'phone',
  'account',
  'record',
  'word',
  'words',
  'one of',
  'number',
  'count',
  'instant',
  'date',
  'country',
  'language',
] as const

export type Kind = (typeof KINDS)[number]

/** Kinds that would tell who somebody is: what is kept is a keyed token, and the value itself is in the vault alone. */
export type TokenKind = 'email' | 'phone' | 'account'

export const isTokenKind = (kind: Kind): kind is TokenKind =>
  kind === 'email' || kind === 'phone' || kind === 'account'

export type Rule =
  /** A value holds against none. */
  | { readonly name: 'present' }
  /** What its system had confirmed by the person holds against what it had not. */
  | { readonly name: 'confirmed' }
  /** The value that stands further down in `values` holds. */
  | { readonly name: 'furthest' }
  /** What was said later holds, by the clocks of the systems. */
  | { readonly name: 'newest' }
  /** The system that is named first holds. */
  | { readonly name: 'system'; readonly order: readonly string[] }

/** Who may write an attribute. */
export const writersOf = ({ owner, precedence }: Attribute): readonly string[] =>
  owner === null ? (precedence.find((rule) => rule.name === 'system')?.order ?? []) : [owner]

export const registryId = ({ name, version }: Registry): string => `${name}@${version}`
