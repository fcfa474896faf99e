import type { EventData } from './event.ts'

/** What an event says of itself, before anything of it is believed. */
export interface Envelope extends Arrival {
  readonly eventId: string
  readonly type: string
  /** Null: the newest. */
  readonly version: number | null
  readonly occurredAt: number
  readonly person: Person
  readonly consentId: string | null
  readonly data: EventData
}

/** Whom it is about. Tokens stand for identifiers as soon as these were read; raw ones are never written down. */
export type Person =
  | { readonly pid: string }
  | { readonly identifiers: readonly Identifier[] }
  | { readonly tokens: readonly (readonly string[])[] }

export interface Identifier {
  readonly kind: IdentifierKind
  readonly value: string
}

export const IDENTIFIER_KINDS = ['email', 'phone', 'loyalty'] as const

export type IdentifierKind = (typeof IDENTIFIER_KINDS)[number]

export interface Arrival {
  /** Who sends, as its token says. */
  readonly source: string
  /** When it first came. */
  readonly receivedAt: number
}
