import type { RECEIPT_STATUSES } from '../../../directives/consent-status.ts'

export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number]

/**
 * What one person said about one scope, when, where and through what (ISO/IEC TS 27560). Immutable: a change is a
 * successor that names its predecessor. Receipts of one person, scope, channel, region and brand form one chain.
 */
export interface Receipt extends Chain, Circumstances {
  readonly consentId: string
  /** One act of a person, which may be about several scopes: its receipts share this id. */
  readonly statement: string
  readonly status: ReceiptStatus
  /** When it was said, in milliseconds since the epoch. */
  readonly at: number
  /** Milliseconds since the epoch; null when it does not run out. */
  readonly expiresAt: number | null
  /** Where it was said: a form, a call, an import. */
  readonly source: string
  /** Place in its chain, from 1. */
  readonly version: number
  readonly predecessor: string | null
}

/** What a person spoke about, and for which uses. Null: for every channel, region, brand. */
export interface Chain {
  readonly subject: string
  readonly scope: string
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
}

/** What a controller must be able to show about a consent (GDPR Art. 7(1), ISO/IEC TS 27560 §6); null where unknown. */
export interface Circumstances {
  /** Who recorded it: a person's pid, or a client of the gateway. */
  readonly actor: string | null
  /** The page, screen or form. */
  readonly surface: string | null
  /** The text that was shown. */
  readonly notice: Notice | null
  readonly legalBasis: string | null
  readonly controller: string | null
  readonly recipients: readonly string[]
  /** How it can be withdrawn, as the person was told. */
  readonly withdrawalMethod: string | null
  /** What shows that the person said it: a submission they signed. */
  readonly proof: string | null
}

export interface Notice {
  readonly version: string
  /** BCP 47. */
  readonly language: string | null
}

/** Circumstances of which nothing is known. */
export const UNKNOWN_CIRCUMSTANCES: Circumstances = {
  actor: null,
  surface: null,
  notice: null,
  legalBasis: null,
  controller: null,
  recipients: [],
  withdrawalMethod: null,
  proof: null,
}

/** Nothing about this person may be used, whatever they consented to. An erasure is never lifted. */
export type Block = 'suppressed' | 'erased'

export type SubjectEvent = Block | 'suppression_lifted'

/** That a person as a whole was blocked, or is not any more: sealed into the chain as receipts are. */
export interface Mark {
  readonly subject: string
  readonly event: SubjectEvent
  readonly at: number
}

export function grants(status: ReceiptStatus): boolean {
  return status === 'given' || status === 'renewed'
}

/** The same for receipts of one chain. */
export function chainKey({ subject, scope, channel, region, brand }: Chain): string {
  return JSON.stringify([subject, scope, channel, region, brand])
}
