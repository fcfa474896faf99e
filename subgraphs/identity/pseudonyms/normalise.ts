/**
 * One spelling for each value that may name a person, so that equal things get equal tokens.
 * Null: this cannot be such a value, and nothing may be found or linked by it.
 */
export const normaliseEmail = (value: string): string | null => {
  // Rules of single providers (dots, "+tags") are left alone: elsewhere they separate people.
  const text = value.normalize('NFKC').toLowerCase().trim()
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 254 ? text : null
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
