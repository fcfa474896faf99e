import { isYes, wasInForce } from '../check-consent.ts'
import type { Basis } from '../consent-receipts.ts'
import type { Envelope } from '../envelope.ts'
import type { Fault, Step } from '../fault.ts'
import type { Contracted } from '../meet-contract.ts'
import type { PayloadSeal } from './payload-seal.ts'
import type { FailedEnvelope, FailedEvent, SealedPayload } from './quarantine-store.ts'

export interface Failing {
  readonly fault: Fault
  readonly digest: string
  readonly bytes: number
  readonly source: string
  /** With tokens in place of identifiers; null when it could not be read. */
  readonly envelope: Envelope | null
  /** Whether the pid it names is somebody's here. */
  readonly isKnown: boolean
  readonly contract: Contracted['contract'] | null
  /** Of the receipt it names. */
  readonly basis: Basis | undefined
}

export interface KeepingTerms {
  readonly seal: PayloadSeal
  readonly now: number
  /** How long a payload is kept at most, in milliseconds. */
  readonly keepMs: number
}

/**
 * Of what failed the envelope and a digest are kept, so that nothing goes missing unseen; who it is about is kept with the
 * payload or not at all, or quarantine would be a diary of those who said no. The payload is kept only where it
 * could have been stored as far as consent goes (GDPR Art. 5(1)(c), 6(1)): the receipt it names is a yes of this person, in
 * force when it happened, for the use of its contract, and alive at the moment of writing, which the store asks. Where nothing
 * says so (a line that cannot be read, a receipt that does not exist) there is no payload, and who sent it has to send it again.
 */
export function toFailedEvent(failing: Failing, terms: KeepingTerms): FailedEvent {
  const { fault, digest, bytes, source, envelope, contract } = failing
  const id = digest.slice(0, 24)
  return {
    id,
    digest,
    bytes,
    source,
    code: fault.code,
    stage: fault.stage,
    place: fault.place,
    envelope: envelope === null ? UNREADABLE : shown(envelope, failing),
    contractVersion: contract?.version ?? null,
    payload: payloadOf(failing, id, terms),
  }
}

const UNREADABLE: FailedEnvelope = {
  eventId: null,
  type: null,
  version: null,
  occurredAt: null,
  pid: null,
  consentId: null,
}

/**
 * Names that are known here and no others: what nobody is called, and no receipt, may be anything a sender has put there, a
 * telephone number, too. Of who was erased not even the name is written down again.
 */
function shown(
  { eventId, type, version, occurredAt, person, consentId }: Envelope,
  { fault: { code }, basis, isKnown }: Failing,
): FailedEnvelope {
  const named = 'pid' in person ? person.pid : null
  const isNameless = code === 'PERSON_BLOCKED'
  return {
    eventId,
    type,
    version,
    occurredAt,
    pid: isKnown && !isNameless ? named : null,
    consentId: basis === undefined || isNameless ? null : consentId,
  }
}

function payloadOf(failing: Failing, id: string, { seal, now, keepMs }: KeepingTerms): SealedPayload | null {
  const { envelope, contract } = failing
  if (envelope === null || NEVER_KEPT.has(failing.fault.code)) return null
  const rests = restsOn(envelope, failing)
  if (rests === null) return null
  const expiresAt = Math.min(now + keepMs, contract?.endOf(envelope.occurredAt) ?? Infinity)
  return expiresAt <= now ? null : { ...rests, sealed: seal.seal(id, envelope), expiresAt }
}

/** It is said that there is no consent, or nothing to be kept. */
const NEVER_KEPT: ReadonlySet<string> = new Set([
  'CONSENT_ID_MISSING',
  'CONSENT_ID_UNKNOWN',
  'CONSENT_NOT_UNDERSTOOD',
  'CONSENT_OF_ANOTHER_PERSON',
  'CONSENT_FOR_ANOTHER_SCOPE',
  'CONSENT_NOT_A_YES',
  'CONSENT_NOT_IN_FORCE_THEN',
  'CONSENT_NOT_IN_FORCE',
  'PERSON_BLOCKED',
  'EVENT_PAST_RETENTION',
])

/** Null: on nothing. */
function restsOn(
  { person, occurredAt }: Envelope,
  { contract, basis, isKnown }: Failing,
): Pick<SealedPayload, 'pid' | 'scope' | 'revision'> | null {
  const pid = 'pid' in person ? person.pid : null
  // Of nobody who is known here it could never be told that they were erased.
  if (contract?.basis === 'contract') return isKnown ? { pid, scope: contract.scope, revision: null } : null
  if (basis === undefined || !isYes(basis) || (pid !== null && pid !== basis.subject)) return null
  if (contract !== null && contract.scope !== basis.scope) return null
  // A clock that goes ahead is set right before the receipt ends, or the payload goes.
  return wasInForce(basis, occurredAt)
    ? { pid: basis.subject, scope: basis.scope, revision: basis.revision }
    : null
}

/** Of the steps of a batch those that failed, each with its place in it. */
export function failedOf<T>(
  steps: readonly Step<T>[],
): readonly { readonly at: number; readonly fault: Fault }[] {
  return steps.flatMap((step, at) => (step.isFault ? [{ at, fault: step.fault }] : []))
}
