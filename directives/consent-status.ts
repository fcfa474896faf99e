/**
 * What a receipt can say: the ten states of consent (W3C DPV 2, "Consent Status"); only `given` and `renewed` are valid for
 * processing. `withdrawn` is the person's own word, `revoked` somebody else's.
 */
export const RECEIPT_STATUSES = [
  'requested',
  'request_deferred',
  'refused',
  'given',
  'renewed',
  'withdrawn',
  'revoked',
  'expired',
  'invalidated',
  'unknown',
] as const

/**
 * What a decision can find: one of them, a yes for another channel, region or brand than the one that was asked for, or
 * somebody who is younger than the policy of that place lets consent be given at (GDPR Art. 8).
 */
export const CONSENT_STATUSES = [...RECEIPT_STATUSES, 'other_region', 'under_age'] as const
