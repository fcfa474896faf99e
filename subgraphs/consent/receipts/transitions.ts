import type { ReceiptStatus } from './receipt.ts'

type Before = ReceiptStatus | 'nothing'

/** What may be said next about a scope, by what was said last (W3C DPV 2, "Consent Status"). */
export const TRANSITIONS: Readonly<Record<Before, readonly ReceiptStatus[]>> = {
  nothing: ['requested', 'refused', 'given', 'withdrawn', 'unknown'],
  unknown: ['requested', 'refused', 'given', 'withdrawn', 'invalidated'],
  requested: ['requested', 'request_deferred', 'refused', 'given', 'withdrawn'],
  request_deferred: ['requested', 'request_deferred', 'refused', 'given', 'withdrawn'],
  refused: ['requested', 'refused', 'given', 'withdrawn'],
  given: ['renewed', 'withdrawn', 'revoked', 'expired', 'invalidated'],
  renewed: ['renewed', 'withdrawn', 'revoked', 'expired', 'invalidated'],
  withdrawn: ['requested', 'refused', 'given', 'withdrawn', 'invalidated'],
  revoked: ['requested', 'refused', 'given', 'withdrawn', 'invalidated'],
  expired: ['requested', 'refused', 'given', 'renewed', 'withdrawn', 'invalidated'],
  invalidated: ['requested', 'refused', 'given', 'withdrawn'],
}

/**
 * The state that a word brings about: a yes to what was already given renews it, a refusal of what was given withdraws
 * it (GDPR Art. 7(3): withdrawing is as easy as giving, and a no is never turned away). Null where it cannot follow.
 */
export function stateAfter(before: ReceiptStatus | undefined, said: ReceiptStatus): ReceiptStatus | null {
  const isGiven = before === 'given' || before === 'renewed'
  const next = isGiven ? (WHEN_GIVEN.get(said) ?? said) : said
  return TRANSITIONS[before ?? 'nothing'].includes(next) ? next : null
}

const WHEN_GIVEN: ReadonlyMap<ReceiptStatus, ReceiptStatus> = new Map([
  ['given', 'renewed'],
  ['refused', 'withdrawn'],
])
