/** The states of consent (W3C DPV 2.1, "Consent Status"); only `given` and `renewed` grant. */
export type ReceiptStatus =
  'requested' | 'refused' | 'given' | 'renewed' | 'withdrawn' | 'expired' | 'invalidated' | 'unknown'

/**
 * What one person said about one scope, when, where and through what (ISO/IEC TS 27560). Immutable: a change is a
 * successor that names its predecessor. Receipts of one person, scope, channel and region form one chain.
 */
export interface Receipt {
  readonly consentId: string
  readonly subject: string
  readonly scope: string
  /** Null: for every channel. */
  readonly channel: string | null
  /** Null: for every region. */
  readonly region: string | null
  readonly status: ReceiptStatus
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Milliseconds since the epoch; null when it does not run out. */
  readonly expiresAt: number | null
  /** Where it was said: a form, a call, an import. */
  readonly source: string
  /** Place in its chain, from 1. */
  readonly version: number
  readonly predecessor: string | null
}

/** Nothing about this person may be used, whatever they consented to. An erasure is never lifted. */
export type Block = 'suppressed' | 'erased'

export type SubjectEvent = Block | 'suppression_lifted'

export function grants(status: ReceiptStatus): boolean {
  return status === 'given' || status === 'renewed'
}

type Chain = Pick<Receipt, 'subject' | 'scope' | 'channel' | 'region'>

/** The same for receipts of one chain. */
export function chainKey({ subject, scope, channel, region }: Chain): string {
  return JSON.stringify([subject, scope, channel, region])
}
