import type { FieldKind } from '../person-row.ts'
import { isNobodys, isPlaceholderText } from './nobodys-values.ts'

/** Why something that was written counts as nothing. */
export type Dropped = 'placeholder' | 'nobodys' | 'unreadable'

export type Cleaned = { readonly value: string } | { readonly dropped: Dropped }

/** Which of 03/04/1990 is the month. */
export type DateOrder = 'day-first' | 'month-first'

/**
 * What a cell says, in one spelling per kind. Empty: nothing was written. A value that programs and clerks put where
 * they know none is nothing, too, or strangers would be alike by it.
 */
export const cleanValue = (kind: FieldKind, written: string, order: DateOrder): Cleaned => {
  const text = PLAIN.test(written)
    ? written
    : written.normalize('NFC').replace(BLANKS, ' ').replace(DIGITS, digitOf).trim()
  if (text === '') return NOTHING
  if (isPlaceholderText(text, kind)) return PLACEHOLDER
  const value = READERS[kind](text, order)
  if (value === null) return UNREADABLE
  return isNobodys(kind, value) ? NOBODYS : { value }
}

const NOTHING: Cleaned = { value: '' }
const PLACEHOLDER: Cleaned = { dropped: 'placeholder' }
const UNREADABLE: Cleaned = { dropped: 'unreadable' }
const NOBODYS: Cleaned = { dropped: 'nobodys' }

/** Nearly all cells: nothing to do. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/

/** Blanks of every width, and what is not seen at all. */
// eslint-disable-next-line no-control-regex -- they stand in files
const BLANKS = /[\s\u0000-\u001F\u200B-\u200F\u2028-\u202F\u2060\uFEFF]+/g

/** Arabic, Persian and Indian digits. */
const DIGITS = /[\u0660-\u0669\u06F0-\u06F9\u0966-\u096F]/g

const digitOf = (sign: string): string => {
  const low = sign.charCodeAt(0) & 15
  return String(sign >= '\u0966' ? low - 6 : low)
}

type Reader = (text: string, order: DateOrder) => string | null

const asWritten: Reader = (text) => text

/** `mailto:` and `Ada <ada@mail.example>` are ways to write a mailbox. Null: there is none in it. */
const mailbox: Reader = (text) => {
  const address = (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).replace(/^mailto:/i, '').trim()
  const mail = address.normalize('NFKC').toLowerCase()
  return /^[^\s@]+@[^\s@]+$/.test(mail) && mail.length <= 254 ? mail : null
}

/** Digits, with a plus where the country is told. An extension belongs to the desk, not to the person. */
const phone: Reader = (text) => {
  const plain = text.normalize('NFKC').replace(/(?:ext|extension|x|durchwahl|poste)\.?\s*\d{1,6}$/i, '')
  const digits = plain.replace(/\(0\)/, '').replace(/\D/g, '')
  if (digits.length < 6 || digits.length > 17) return null
  return /^\s*(\+|00)/.test(plain) ? `+${digits.replace(/^00/, '')}` : digits
}

/**
 * `1990-02-09`. A day that no calendar has is kept: a slip of the keyboard made it, and it is still near the right one.
 */
const date: Reader = (text, order) => {
  const plain = text
    .normalize('NFKC')
    .replace(/[年月년월]\s*/gu, '-')
    .replace(/[日일]/u, ' ')
    .trim()
  const run = withoutSeparators(plain, order)
  if (run !== null) return run
  const iso = /^(\d{4})[-/.\s]?(\d{1,2})[-/.\s]?(\d{1,2})(?!\d)/.exec(plain)
  if (iso !== null) return dated(iso[1], iso[2], iso[3])
  const parts = /^(\d{1,2})([-/.\s])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/.exec(plain)
  if (parts !== null) {
    const [, one, separator, two, year] = parts
    // With dots the day comes first wherever dates are written with dots.
    const isMonthFirst = separator !== '.' && order === 'month-first' && Number(one) <= 12
    return isMonthFirst ? dated(fullYear(year), one, two) : dated(fullYear(year), two, one)
  }
  return namedMonth(plain)
}

/** `09021990`, where it cannot be a year, a month and a day. */
const withoutSeparators = (plain: string, order: DateOrder): string | null => {
  const [, one = '', two = '', year] = /^(\d{2})(\d{2})((?:18|19|20)\d{2})$/.exec(plain) ?? []
  if (year === undefined || isDay(plain.slice(4, 6), plain.slice(6))) return null
  if (order === 'month-first' && isDay(one, two)) return dated(year, one, two)
  return isDay(two, one) ? dated(year, two, one) : null
}

const isDay = (month: string, day: string): boolean =>
  Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31

const dated = (year = '', month = '', day = ''): string =>
  `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`

/** Of two digits: nobody is born in the future, and few more than a hundred years ago. */
const fullYear = (year = ''): string => {
  if (year.length === 4) return year
  return `${Number(year) > new Date().getUTCFullYear() % 100 ? '19' : '20'}${year}`
}

const MONTHS = new Map(
  Object.entries({
    '01': 'jan janvier enero gennaio janeiro januari ene',
    '02': 'feb fév fev février febrero febbraio fevereiro februari',
    '03': 'mar mär mars märz marzo março maart mrz',
    '04': 'apr april avr avril abril aprile abr',
    '05': 'may mai mayo maggio maio mei mag',
    '06': 'jun juni june juin junio giugno junho giu',
    '07': 'jul juli july juillet julio luglio julho lug',
    '08': 'aug august août aout agosto augustus ago',
    '09': 'sep sept september septembre septiembre settembre setembro set',
    '10': 'oct okt october oktober octobre octubre ottobre outubro ott out',
    '11': 'nov november novembre noviembre novembro',
    '12': 'dec dez déc december dezember décembre diciembre dicembre dezembro dic',
  }).flatMap(([month, names]) => names.split(' ').map((name) => [name, month] as const)),
)

const namedMonth = (text: string): string | null => {
  const words = text.toLowerCase().match(/\p{L}+|\d+/gu) ?? []
  const month = words.map((word) => MONTHS.get(word) ?? MONTHS.get(word.slice(0, 3))).find(Boolean)
  const year = words.find((word) => /^\d{4}$/.test(word))
  const day = words.find((word) => /^\d{1,2}$/.test(word))
  return month === undefined || year === undefined || day === undefined ? null : dated(year, month, day)
}

const identity: Reader = (text) => {
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  return /\d/.test(plain) ? plain : null
}

const READERS: Readonly<Record<FieldKind, Reader>> = {
  given_name: asWritten,
  family_name: asWritten,
  full_name: asWritten,
  date_of_birth: date,
  email: mailbox,
  phone,
  house_number: asWritten,
  street: asWritten,
  postcode: asWritten,
  city: asWritten,
  region: asWritten,
  national_id: identity,
  company: asWritten,
}
