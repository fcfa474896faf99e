/**
 * An event says what was done and never who did it: who it was stands in the envelope, as a pid (GDPR Art. 4(5), 25,
 * 32(1)(a)). A field that would name a person is known by its name, by its format and by its samples.
 */
export function namesAPerson(fieldName: string): boolean {
  const words = wordsOf(fieldName)
  const joined = words.join('')
  if (words.some((word) => PERSONAL_WORDS.has(word))) return true
  if (JOINED.some((part) => joined.includes(part))) return true
  return words.some((word, position) => /^names?$/.test(word) && !THINGS.has(words[position - 1] ?? ''))
}

/** Whether a text looks like an address, a phone number or an account of somebody. Linear in its length. */
export function looksLikeAPerson(text: string): boolean {
  if (text.includes('@') && /[^\s@]@[^\s@]/u.test(text)) return true
  // An address that was written into a link.
  if (text.includes('%40')) return true
  if (text.includes('+') && /\+\d[\d\s()./-]{6,22}\d/.test(text)) return true
  if (/^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text)) return true
  return isAccount(text)
}

/** An IBAN: its two check digits make the number one modulo 97 (ISO 13616-1). Other codes only look like one. */
function isAccount(text: string): boolean {
  const number = text.replaceAll(' ', '')
  if (text.length > 42 || !/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(number)) return false
  const turned = `${number.slice(4)}${number.slice(0, 4)}`
  const digits = turned.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)))
  return BigInt(digits) % 97n === 1n
}

export const PERSONAL_FORMATS: ReadonlySet<unknown> = new Set([
  'email',
  'idn-email',
  'hostname',
  'idn-hostname',
  'ipv4',
  'ipv6',
  'phone',
])

export const PERSONAL_CLASSIFICATIONS: ReadonlySet<unknown> = new Set([
  'contact',
  'personal',
  'identifier',
  'special',
])

/** `customerEMail2` → customer, e, mail. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean)

const PERSONAL_WORDS: ReadonlySet<string> = new Set(
  (
    'email emails mail mails phone phones mobile telephone tel msisdn fax address addresses street zip zipcode ' +
    'postcode postal surname forename firstname lastname fullname username nickname login password passcode secret ' +
    'birthday birthdate birth dob ssn passport iban bic pan cvv card ip ipv idfa gaid imei imsi mac cookie ' +
    'fingerprint latitude longitude lat lng lon geo geolocation signature photo selfie'
  ).split(' '),
)

/** Written without a mark between the words. */
const JOINED: readonly string[] = (
  'email phonenumber mobilenumber telephone msisdn firstname lastname fullname surname username nickname birthday ' +
  'birthdate dateofbirth passport ipaddress streetaddress socialsecurity creditcard'
).split(' ')

/** What else has a name; somebody’s name stands without one of these. */
const THINGS: ReadonlySet<string> = new Set(
  (
    'product item category department brand campaign page event store shop segment audience channel file list plan ' +
    'stage template experiment variant placement feature colour color size offer coupon'
  ).split(' '),
)
