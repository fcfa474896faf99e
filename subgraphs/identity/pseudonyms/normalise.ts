import { domainToASCII } from 'node:url'
import type { EmailPolicy } from './key-book.ts'

/**
 * The version of these rules, part of what every token is made of: changed rules are changed tokens, so a change here
 * is a new version, and comes into force by a rotation of the keys.
 */
export const NORMALISER_VERSION = 'nfkc-1'

/**
 * One spelling for each value that may name a person, so that equal things get equal tokens.
 * Null: this cannot be such a value, and nothing may be found or linked by it.
 *
 * `as-written` leaves the rules of single providers (dots, "+tags") alone: elsewhere they separate people.
 * `provider-rules` applies them to the providers that are known to have them, and to no other.
 */
export const normaliseEmail = (value: string, policy: EmailPolicy = 'as-written'): string | null => {
  const text = value.normalize('NFKC').toLowerCase().trim()
  const [, local, domain] = /^([^\s@\p{Cc}]+)@([^\s@\p{Cc}]+)$/u.exec(text) ?? []
  if (local === undefined || domain === undefined || text.length > 254) return null
  // "bücher.example" and "xn--bcher-kva.example" are one place; what is no domain name stays as it is.
  const place = domainToASCII(domain) || domain
  return policy === 'as-written' ? `${local}@${place}` : byProviderRules(local, place)
}

/** Whose mailboxes ignore what stands behind a plus, and, at Google, dots. */
const PLUS_PROVIDERS: ReadonlySet<string> = new Set([
  'gmail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'icloud.com',
  'me.com',
  'proton.me',
  'protonmail.com',
  'pm.me',
  'fastmail.com',
])

function byProviderRules(local: string, domain: string): string {
  const place = domain === 'googlemail.com' ? 'gmail.com' : domain
  if (!PLUS_PROVIDERS.has(place)) return `${local}@${place}`
  const untagged = local.split('+', 1)[0] || local
  return `${place === 'gmail.com' ? untagged.replaceAll('.', '') || untagged : untagged}@${place}`
}

/** E.164, `+61223544099`. A national number needs the region it is dialled in. */
export const normalisePhone = (value: string, region: string): string | null => {
  const text = value.normalize('NFKC').trim().replace('(0)', '')
  const digits = text.replace(/\D/g, '')
  const international = internationalDigits(text, digits, region.toUpperCase())
  return international !== null && /^[1-9]\d{7,14}$/.test(international) ? `+${international}` : null
}

function internationalDigits(text: string, digits: string, region: string): string | null {
  if (text.startsWith('+')) return digits
  if (digits.startsWith('00')) return digits.slice(2)
  const country = COUNTRIES.get(region)
  if (country === undefined) return null
  const isTrunk = digits.startsWith('0') && !country.keepsZero
  return country.code + (isTrunk ? digits.slice(1) : digits)
}

export const normaliseLoyalty = (value: string): string | null =>
  value.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '') || null

/**
 * The name of a record, exactly as it is: each record is the seed of a person of its own, so two of them may never
 * become one by their spelling. Null for what no store keeps as it is.
 */
export const exactName = (value: string): string | null =>
  value === '' || value.includes('\0') || Buffer.from(value).toString() !== value ? null : value

/** For ids that a system gave: only what is around them is taken away. */
export const normaliseId = (value: string): string | null => value.normalize('NFKC').trim() || null

/** For names of people and companies: letters and digits, without marks and case. */
export const foldName = (value: string): string =>
  value
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

interface Country {
  readonly code: string
  /** In Italy the leading zero is part of the number; elsewhere in this list it is dialled at home only. */
  readonly keepsZero?: true
}

const COUNTRIES: ReadonlyMap<string, Country> = new Map<string, Country>([
  ['AT', { code: '43' }],
  ['AU', { code: '61' }],
  ['BE', { code: '32' }],
  ['BR', { code: '55' }],
  ['CA', { code: '1' }],
  ['CH', { code: '41' }],
  ['DE', { code: '49' }],
  ['DK', { code: '45' }],
  ['ES', { code: '34' }],
  ['FI', { code: '358' }],
  ['FR', { code: '33' }],
  ['GB', { code: '44' }],
  ['IE', { code: '353' }],
  ['IN', { code: '91' }],
  ['IT', { code: '39', keepsZero: true }],
  ['JP', { code: '81' }],
  ['NL', { code: '31' }],
  ['NO', { code: '47' }],
  ['NZ', { code: '64' }],
  ['PL', { code: '48' }],
  ['PT', { code: '351' }],
  ['SE', { code: '46' }],
  ['US', { code: '1' }],
])
