import {
  createReceiptKeys,
  makeMasterSecret,
  makeSigningKey,
} from '../../subgraphs/consent/receipts/receipt-keys.ts'
import { type Receipt, UNKNOWN_CIRCUMSTANCES } from '../../subgraphs/consent/receipts/receipt.ts'
import type { Head } from '../../subgraphs/consent/store.ts'

export const NOON = Date.UTC(2026, 4, 1, 12)

/** Keys as a service is given them, others in each test file. */
export const RECEIPT_SECRETS = { masters: [makeMasterSecret()], signers: [makeSigningKey()] }
export const RECEIPT_KEYS = createReceiptKeys(RECEIPT_SECRETS)

/** The first word of a person about a scope: yes, at noon, on a form. */
export function firstReceipt(subject: string, scope = 'analytics', more: Partial<Receipt> = {}): Receipt {
  const { channel, region, brand } = more
  const consentId = [subject, scope, channel, region, brand, 1].filter((part) => part !== undefined).join('/')
  return {
    ...UNKNOWN_CIRCUMSTANCES,
    consentId,
    statement: consentId,
    subject,
    scope,
    channel: null,
    region: null,
    brand: null,
    status: 'given',
    at: NOON,
    expiresAt: null,
    source: 'form',
    version: 1,
    predecessor: null,
    ...more,
  }
}

export function successor(before: Receipt, status: Receipt['status'], more: Partial<Receipt> = {}): Receipt {
  const version = before.version + 1
  const consentId = `${before.consentId}/${version}/${status}`
  return {
    ...before,
    consentId,
    statement: consentId,
    status,
    version,
    predecessor: before.consentId,
    ...more,
  }
}

/** A receipt about which everything is known. */
export function fullReceipt(subject: string, scope = 'analytics'): Receipt {
  return firstReceipt(subject, scope, {
    channel: 'web',
    region: 'SE',
    brand: 'north',
    expiresAt: NOON + 1,
    actor: 'explorer',
    surface: '/preferences',
    notice: { version: '2026-04', language: 'sv-SE' },
    legalBasis: 'dpv-gdpr:A6-1-a',
    controller: 'North Shops AB',
    recipients: ['North Mail AB', 'Ünïcode & Söner'],
    proof: 'eyJ.eyJ.c2ln',
    withdrawalMethod: 'https://north.example/preferences',
  })
}

export function headOf(receipt: Receipt): Head {
  const { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version } = receipt
  return { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version }
}
