import type { Bases, Basis, SamePeople } from './consent-receipts.ts'
import { fault, passed, type Step } from './fault.ts'
import type { Contracted } from './meet-contract.ts'

/** An event whose receipt may carry it, as far as that can be said before it is known whom it is about. */
export interface Based extends Contracted {
  /** Null where it rests on a contract with the person. */
  readonly basis: Basis | null
}

/**
 * Third stage. "consent_id on every event and pipeline record, checked before read and before emit": the receipt exists, is a
 * yes for the scope of the contract, and was in force when the event happened. Whose it is, is compared as soon as the person
 * is known, and whether it still holds is asked by the insert itself.
 */
export function checkReceipt(contracted: Contracted, receipts: Bases): Step<Based> {
  const { envelope, contract } = contracted
  if (contract.basis === 'contract') return passed({ ...contracted, basis: null })
  if (envelope.consentId === null) return fault('CONSENT_ID_MISSING', 'consent', 'consentId')
  const basis = receipts.get(envelope.consentId)
  if (basis === undefined) return fault('CONSENT_ID_UNKNOWN', 'consent', 'consentId')
  if (basis === null) return fault('CONSENT_NOT_UNDERSTOOD', 'consent', 'consentId')
  if (basis.scope !== contract.scope) return fault('CONSENT_FOR_ANOTHER_SCOPE', 'consent', 'consentId')
  if (!isYes(basis)) return fault('CONSENT_NOT_A_YES', 'consent', 'consentId')
  if (!wasInForce(basis, envelope.occurredAt))
    return fault('CONSENT_NOT_IN_FORCE_THEN', 'consent', 'occurredAt')
  return passed({ ...contracted, basis })
}

export const isTheirs = ({ subject }: Basis, pid: string, same: SamePeople): boolean =>
  subject === pid || same.get(subject)?.has(pid) === true

export const isYes = ({ status }: Basis): boolean => status === 'given' || status === 'renewed'

/** Consent that ends at noon is no consent at noon. */
export const wasInForce = ({ at, expiresAt }: Basis, then: number): boolean =>
  at <= then && (expiresAt === null || then < expiresAt)
