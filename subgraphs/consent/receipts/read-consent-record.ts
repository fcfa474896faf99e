import { CodedFailure } from '../../coded-failure.ts'
import { DPV_STATUS } from './consent-record.ts'
import type { Notice, Receipt, ReceiptStatus } from './receipt.ts'

/** A receipt out of a record, whose place in a chain other systems do not tell. */
export interface RecordedReceipt extends Omit<Receipt, 'version'> {
  readonly version: number | null
}

/**
 * Reads a consent record of ISO/IEC TS 27560 in the words of DPV. Throws `CONSENT_RECORD_INVALID` for the first member
 * that is missing or cannot be read.
 */
export function readConsentRecord(record: unknown): RecordedReceipt {
  const whole = membersOf(record, 'record')
  const process = membersOf(whole['dpv:hasProcess'], 'dpv:hasProcess')
  const own = optionalMembers(whole, 'assent') ?? {}
  const consentId = textIn(whole, 'dct:identifier')
  return {
    consentId,
    subject: textIn(membersOf(whole['dpv:hasDataSubject'], 'dpv:hasDataSubject'), 'dct:identifier'),
    scope: textIn(process, 'dpv:hasPurpose'),
    region: textOrNull(process, 'dpv:hasJurisdiction'),
    legalBasis: textOrNull(process, 'dpv:hasLegalBasis'),
    recipients: textsIn(process, 'dpv:hasRecipient'),
    controller: textOrNull(whole, 'dpv:hasDataController'),
    notice: noticeOf(optionalMembers(whole, 'dpv:hasNotice')),
    status: statusIn(whole),
    at: instantIn(whole, 'dpv:isIndicatedAtTime'),
    actor: textOrNull(whole, 'dpv:isIndicatedBy'),
    source: textIn(whole, 'dpv:hasIndicationMethod'),
    expiresAt: isAbsent(whole, 'dpv:hasExpiryTime') ? null : instantIn(whole, 'dpv:hasExpiryTime'),
    withdrawalMethod: textOrNull(whole, 'dpv:hasWithdrawalMethod'),
    predecessor: textOrNull(whole, 'dct:isReplacementOf'),
    statement: textOrNull(own, 'statement') ?? consentId,
    channel: textOrNull(own, 'channel'),
    brand: textOrNull(own, 'brand'),
    surface: textOrNull(own, 'surface'),
    proof: textOrNull(own, 'proof'),
    version: versionIn(own),
  }
}

type Members = Readonly<Record<string, unknown>>

function invalid(member: string): CodedFailure {
  return new CodedFailure('CONSENT_RECORD_INVALID', member)
}

function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name)
  return value as Members
}

function optionalMembers(of: Members, name: string): Members | null {
  return isAbsent(of, name) ? null : membersOf(of[name], name)
}

function isAbsent(of: Members, name: string): boolean {
  return !Object.hasOwn(of, name) || of[name] === null
}

function textIn(of: Members, name: string): string {
  const value = isAbsent(of, name) ? undefined : of[name]
  if (typeof value !== 'string' || value === '') throw invalid(name)
  return value
}

function textOrNull(of: Members, name: string): string | null {
  return isAbsent(of, name) ? null : textIn(of, name)
}

function textsIn(of: Members, name: string): readonly string[] {
  if (isAbsent(of, name)) return []
  const value = of[name]
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw invalid(name)
  return value
}

function instantIn(of: Members, name: string): number {
  const written = textIn(of, name)
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(written) ? Date.parse(written) : Number.NaN
  if (Number.isNaN(at)) throw invalid(name)
  return at
}

function noticeOf(notice: Members | null): Notice | null {
  return notice && { version: textIn(notice, 'dct:hasVersion'), language: textOrNull(notice, 'dct:language') }
}

const STATUSES = new Map(Object.entries(DPV_STATUS).map(([status, name]) => [name, status as ReceiptStatus]))

function statusIn(of: Members): ReceiptStatus {
  const status = STATUSES.get(textIn(of, 'dpv:hasConsentStatus'))
  if (status === undefined) throw invalid('dpv:hasConsentStatus')
  return status
}

function versionIn(own: Members): number | null {
  if (isAbsent(own, 'version')) return null
  const { version } = own
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw invalid('version')
  return version as number
}
