import type { FieldKind } from '../person-row.ts'

/** What stands for nothing in whatever column it stands. */
export const isPlaceholderText = (text: string, kind: FieldKind): boolean => {
  if (beginsLikeNone(text)) return false
  if (!/[\p{L}\p{N}]/u.test(text)) return true
  if (text.length > 30) return false
  const folded = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#]+/gu, ' ')
    .trim()
  return NOTHING_WORDS.has(folded) || (!NAMES.has(kind) && NO_NAME_WORDS.has(folded))
}

/** What nobody in particular has, although it looks like a value. */
export const isNobodys = (kind: FieldKind, value: string): boolean => {
  if (kind === 'email') return isNobodysMailbox(value)
  if (kind === 'phone') return isKeysInARow(value.replace(/^\+/, ''))
  if (kind === 'national_id') return isKeysInARow(value) || KNOWN_IDS.has(value)
  if (kind === 'date_of_birth') return isNobodysDate(value)
  return kind === 'postcode' && /^0+$|^9{4,}$/.test(value)
}

const words = (text: string): ReadonlySet<string> => new Set(text.split('|').map((word) => word.trim()))

const NOTHING_WORDS = words(
  `n a|null|none|nil value|undefined|unknown|unk|not known|not given|not provided|not available|not applicable|
  no data|no name|no email|no phone|no address|missing|blank|empty|test|testing|test test|tester|dummy|default|tbd|tba|
  xxx|xxxx|xxxxx|asdf|qwerty|abc|unbekannt|nicht bekannt|keine angabe|k a|ohne|inconnu|inconnue|non renseigné|
  desconocido|desconocida|sin datos|sconosciuto|desconhecido|onbekend|nieznany|brak|неизвестно|нет данных|不明|未知|無|
  anonymous|anonym|withheld|redacted|#n a|#ref|#value`.replaceAll('\n', ''),
)
/** Elsewhere nothing, but people are called so. */
const NO_NAME_WORDS = words('na|nan|nil|no|x|xx|keine|ohne angabe|false|true|0')
const NAMES: ReadonlySet<FieldKind> = new Set(['given_name', 'family_name', 'full_name', 'company'])

/** Spares nearly all values the slow look: two plain letters or digits that no such word begins with. */
const beginsLikeNone = (text: string): boolean => {
  const start = text.slice(0, 2).toLowerCase()
  return isPlain(start.charCodeAt(0)) && isPlain(start.charCodeAt(1)) && !STARTS.has(start)
}

const isPlain = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 48 && code <= 57)

const STARTS = new Set([...NOTHING_WORDS, ...NO_NAME_WORDS].map((word) => word.slice(0, 2)))

const NOBODYS_MAILBOXES = words(
  `null|none|nil|na|n a|nan|undefined|unknown|no|noemail|no email|nomail|no mail|nobody|noreply|no reply|donotreply|
  do not reply|test|testing|tester|dummy|fake|example|asdf|qwerty|abc|xxx|xx|x|aaa|anonymous|anonym|missing|blank|
  empty|unbekannt|keine|inconnu|desconocido|notprovided|not provided|noone|spam`.replaceAll('\n', ''),
)

const isNobodysMailbox = (mail: string): boolean => {
  const local = mail.slice(0, mail.lastIndexOf('@'))
  const name = local
    .replace(/\+.*$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return NOBODYS_MAILBOXES.has(name.replace(/\d+$/, '').trim()) || name === ''
}

/** One digit over and over, or the keys of a keyboard one after the other. */
const isKeysInARow = (digits: string): boolean =>
  /^(.)\1{3,}$/.test(digits) ||
  /(.)\1{6,}$/.test(digits) ||
  (digits.length >= 6 && (UPWARDS.includes(digits) || DOWNWARDS.includes(digits)))

const UPWARDS = '01234567890123456789'
const DOWNWARDS = '98765432109876543210'

/** Printed on sample cards, and typed from there ever since. */
const KNOWN_IDS = new Set(['078051120', '219099999', '123456789', '987654321', '111223333'])

/** Where programs begin to count, and where they end. */
const PROGRAMS_DATES = new Set([
  '1900-01-01',
  '1899-12-30',
  '1899-12-31',
  '1901-01-01',
  '1800-01-01',
  '1753-01-01',
])

const isNobodysDate = (date: string): boolean => {
  const year = Number(date.slice(0, 4))
  if (PROGRAMS_DATES.has(date) || year < 1700 || year > 2200) return true
  return date === '1970-01-01' || /^(\d)\1{3}-\1\1-\1\1$/.test(date) || date.endsWith('-00-00')
}
