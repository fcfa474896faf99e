import { isPlaceholderNumber } from './placeholders.ts'

/**
 * The digits of a phone number that all its spellings share: the last nine. A country's code, the zero dialled at home
 * and the brackets come and go; that two people's numbers differ in nothing else does not happen among one file's people.
 */
export function phoneDigits(written: string): string {
  const plain = written.normalize('NFKC').replace(/\(0\)/, '').trim()
  const digits = plain.replace(/\D/g, '')
  const national = (isInternational(plain) ? withoutCountry(digits.replace(/^0+/, '')) : digits).replace(
    /^0+/,
    '',
  )
  if (national.length < 6 || isPlaceholderNumber(national.slice(-7))) return ''
  return national.slice(-9)
}

const isInternational = (plain: string): boolean => /^\(?(?:\+|00[1-9])/.test(plain)

/** ITU-T E.164: one digit, two of these, else three. Where national numbers are short the code would be in the last nine. */
function withoutCountry(digits: string): string {
  if (/^[17]/.test(digits)) return digits.slice(1)
  return digits.slice(TWO_DIGITS.test(digits) ? 2 : 3)
}

const TWO_DIGITS = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** Year, month and day as eight digits, also of a day that no calendar has: a slip is one digit of it. */
export function dateDigits(written: string): string {
  const text = written.normalize('NFKC').trim()
  const parts = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D.*)?$/.exec(text)
  if (parts !== null) return datePlausible(parts[1], parts[2], parts[3])
  const turned = /^(\d{1,2})\D(\d{1,2})\D(\d{4})$/.exec(text)
  return turned === null ? '' : datePlausible(turned[3], turned[2], turned[1])
}

/** Dates that systems put where none was known. */
const NO_DATES = new Set(['19000101', '19010101', '19700101', '18000101', '00010101', '99991231'])

const datePlausible = (year = '', month = '', day = ''): string => {
  const digits = `${year}${month.padStart(2, '0')}${day.padStart(2, '0')}`
  return NO_DATES.has(digits) || /^(\d)\1*$/.test(digits) ? '' : digits
}

/** Letters and digits of an identity, tax or insurance number. */
export function idText(written: string): string {
  const text = written
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  return /\d/.test(text) && !isPlaceholderNumber(text) ? text : ''
}
