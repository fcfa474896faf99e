/** What sort of thing is said: of the graph as a whole, of who asks it, of the people it is about, of rules of the house. */
export type FindingKind = 'composition' | 'breaking' | 'dangerous' | 'safe' | 'privacy' | 'policy'

/** What a change does to people’s say over what is known of them. */
export type Direction = 'loosens' | 'tightens' | 'same'

/** An error blocks, a warning asks to be read, a note tells. */
export type Level = 'error' | 'warning' | 'note'

/** Lines and columns from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One thing a change does, told so that its owner can find it, judge it and answer for it. */
export interface Finding {
  /** Stable, in capitals; what the composer finds keeps the composer’s code. */
  readonly code: string
  readonly kind: FindingKind
  readonly level: Level
  readonly direction?: Direction
  /** `Type.field`, `event page_view@1 fields.sku`, `client adtech`; empty when it is about all. */
  readonly coordinate: string
  readonly source: Place
  readonly message: string
  readonly remedy: string
  /** As it was and as it is, in a few words. */
  readonly before?: string
  readonly after?: string
  /** Who answers for the place. */
  readonly owner?: string
  /** Who could allow it, and the hash of what they would allow. */
  readonly approval?: { readonly by: string; readonly hash: string }
  /** It would block, and was allowed by this owner until this time. */
  readonly approved?: { readonly by: string; readonly until: string }
  /** Who uses it, where recorded use was given. */
  readonly usedBy?: readonly Use[]
  /** The same through any change of lines, for tools that follow a finding. */
  readonly fingerprint: string
}

export interface Use {
  readonly client: string
  readonly operations: readonly string[]
  readonly requests: number
}

export interface Report {
  readonly version: 1
  readonly outcome: 'ok' | 'blocked'
  readonly base: Checked
  readonly head: Checked
  /** The worst first. */
  readonly findings: readonly Finding[]
  readonly summary: Readonly<Record<Level, number>>
  readonly impact?: Impact
}

export interface Checked {
  /** As it was named: `git:main`, `schemas/`. */
  readonly label: string
  readonly hash: string
}

/** What the change would have done to what was asked and decided in a period. */
export interface Impact {
  /** What breaks is judged by use: said in words, with period and threshold. */
  readonly judgement: string
  /** ISO 8601 duration; empty for all that was recorded. */
  readonly period: string
  readonly threshold: number
  readonly requests: number
  readonly clients: readonly ClientImpact[]
  readonly decisions: readonly DecisionImpact[]
  /** People about whom at least one decision would change. */
  readonly people: number
  /** Lines that are no record. */
  readonly unreadable: number
}

export interface ClientImpact {
  readonly client: string
  readonly operations: readonly string[]
  readonly requests: number
  readonly coordinates: readonly string[]
}

/** Counted in people. */
export interface DecisionImpact {
  readonly client: string
  readonly coordinate: string
  readonly wouldBeGranted: number
  readonly wouldBeDenied: number
  /** The record does not tell enough. */
  readonly cannotBeTold: number
}
