import type { Receipt, ReceiptStatus } from './receipt.ts'

/**
 * A receipt as a consent record of ISO/IEC TS 27560:2023, in the words of the Data Privacy Vocabulary (W3C DPV 2, "Consent
 * Records and Receipts as per ISO/IEC TS 27560:2023"). What the standard has no field for is under `assent`.
 */
export interface ConsentRecord {
  readonly '@context': readonly string[]
  readonly '@type': 'dpv:ConsentRecord'
  readonly 'dct:conformsTo': string
  readonly 'dct:identifier': string
  readonly 'dpv:hasDataSubject': { readonly 'dct:identifier': string }
  readonly 'dpv:hasDataController': string | null
  readonly 'dpv:hasNotice': {
    readonly 'dct:hasVersion': string
    readonly 'dct:language': string | null
  } | null
  readonly 'dpv:hasProcess': {
    readonly 'dpv:hasPurpose': string
    readonly 'dpv:hasLegalBasis': string | null
    readonly 'dpv:hasRecipient': readonly string[]
    readonly 'dpv:hasJurisdiction': string | null
  }
  readonly 'dpv:hasConsentStatus': string
  readonly 'dpv:isIndicatedAtTime': string
  readonly 'dpv:isIndicatedBy': string | null
  readonly 'dpv:hasIndicationMethod': string
  readonly 'dpv:hasExpiryTime': string | null
  readonly 'dpv:hasWithdrawalMethod': string | null
  readonly 'dct:isReplacementOf': string | null
  readonly assent: {
    readonly statement: string
    readonly channel: string | null
    readonly brand: string | null
    readonly surface: string | null
    readonly proof: string | null
    readonly version: number
  }
}

const RECORD_PROFILE = 'https://w3id.org/dpv/schema/dpv-27560#record'

export function toConsentRecord(receipt: Receipt): ConsentRecord {
  const { notice, statement, channel, brand, surface, proof, version } = receipt
  return {
    '@context': ['https://w3id.org/dpv/2.1/dpv.jsonld', 'http://purl.org/dc/terms/'],
    '@type': 'dpv:ConsentRecord',
    'dct:conformsTo': RECORD_PROFILE,
    'dct:identifier': receipt.consentId,
    'dpv:hasDataSubject': { 'dct:identifier': receipt.subject },
    'dpv:hasDataController': receipt.controller,
    'dpv:hasNotice': notice && { 'dct:hasVersion': notice.version, 'dct:language': notice.language },
    'dpv:hasProcess': {
      'dpv:hasPurpose': receipt.scope,
      'dpv:hasLegalBasis': receipt.legalBasis,
      'dpv:hasRecipient': receipt.recipients,
      'dpv:hasJurisdiction': receipt.region,
    },
    'dpv:hasConsentStatus': DPV_STATUS[receipt.status],
    'dpv:isIndicatedAtTime': instant(receipt.at),
    'dpv:isIndicatedBy': receipt.actor,
    'dpv:hasIndicationMethod': receipt.source,
    'dpv:hasExpiryTime': receipt.expiresAt === null ? null : instant(receipt.expiresAt),
    'dpv:hasWithdrawalMethod': receipt.withdrawalMethod,
    'dct:isReplacementOf': receipt.predecessor,
    assent: { statement, channel, brand, surface, proof, version },
  }
}

export const DPV_STATUS: Readonly<Record<ReceiptStatus, string>> = {
  requested: 'dpv:ConsentRequested',
  request_deferred: 'dpv:ConsentRequestDeferred',
  refused: 'dpv:ConsentRefused',
  given: 'dpv:ConsentGiven',
  renewed: 'dpv:RenewedConsentGiven',
  withdrawn: 'dpv:ConsentWithdrawn',
  revoked: 'dpv:ConsentRevoked',
  expired: 'dpv:ConsentExpired',
  invalidated: 'dpv:ConsentInvalidated',
  unknown: 'dpv:ConsentUnknown',
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
