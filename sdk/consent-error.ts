/** What the consent service refuses with. */
const REFUSALS = [
  'TOKEN_MISSING',
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'TOKEN_NOT_BOUND',
  'TOKEN_KEYS_UNAVAILABLE',
  'ORIGIN_NOT_ALLOWED',
  'PROOF_MISSING',
  'PROOF_INVALID',
  'PROOF_STALE',
  'PROOF_REPLAYED',
  'PROOF_OF_ANOTHER_KEY',
  'REQUEST_INVALID',
  'STATEMENT_INVALID',
  'STATEMENT_ID_REUSED',
  'NOTICE_STALE',
  'NO_SCOPE',
  'UNKNOWN_SCOPE',
  'UNKNOWN_REGION',
  'UNKNOWN_BRAND',
  'INVALID_CONTEXT',
  'INVALID_EXPIRY',
  'INVALID_REVISION',
  'INVALID_CIRCUMSTANCE',
  'STATUS_CANNOT_FOLLOW',
  'SUBJECT_BLOCKED',
  'CONSENT_CHANGED_MEANWHILE',
  'RECEIPT_UNKNOWN',
  'TOO_MANY_REQUESTS',
  'STORE_UNAVAILABLE',
  'INTERNAL',
] as const

/**
 * Closed. Beside the service's own: `OFFLINE`, it cannot be reached; `TOKEN_UNAVAILABLE`, nobody gave a token;
 * `NOTICE_UNKNOWN`, a yes before the words were read; `CLOSED`, after `close()`; `UNEXPECTED`, an answer not understood.
 */
export type ConsentErrorCode =
  (typeof REFUSALS)[number] | 'OFFLINE' | 'TOKEN_UNAVAILABLE' | 'NOTICE_UNKNOWN' | 'CLOSED' | 'UNEXPECTED'

export class ConsentError extends Error {
  readonly code: ConsentErrorCode
  /** After how many seconds the service asks to be tried again; null when it does not say. */
  readonly retrySeconds: number | null

  constructor(code: ConsentErrorCode, message: string = code, retrySeconds: number | null = null) {
    super(message)
    this.name = 'ConsentError'
    this.code = code
    this.retrySeconds = retrySeconds
  }
}

/** The service's code, or `UNEXPECTED` for one this version does not know. */
export function knownCode(code: unknown): ConsentErrorCode {
  return REFUSALS.find((known) => known === code) ?? 'UNEXPECTED'
}
