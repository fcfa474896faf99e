/**
 * JSON leaves the range and precision of numbers open (RFC 8259 §6); `JSON.parse` rounds to a double. A number that would
 * be rounded travels through the gateway as a text that begins with this mark, and is written with its own digits again.
 * The mark begins with U+0000, which no other text may begin it with: see `markNumbers`.
 */
const MARK = '\u0000n:'

/** How the mark begins inside JSON. Control characters must be escaped there (RFC 8259 §7), and this one has one spelling. */
const WRITTEN_MARK = '"\\u0000n:'

/**
 * The same JSON, its numbers marked that `JSON.parse` would change. Text that is no JSON stays none. A text value that
 * already begins like the mark loses its U+0000 to U+FFFD: nobody but the gateway marks.
 */
export const markNumbers = (text: string): string => {
  const own = text.includes('\\u0000') ? text.replaceAll(FOREIGN_MARK, '"\ufffdn:') : text
  return mayHoldLongRun(own) || mayHoldFarExponent(own) ? rewrite(own) : own
}

export const isMarked = (value: unknown): value is string =>
  typeof value === 'string' && value.charCodeAt(0) === 0 && value.startsWith(MARK)

/** The digits of a marked number as they came. Undefined when they are no JSON number: then it is a text like any other. */
export const unmarked = (value: string): string | undefined => {
  const digits = value.slice(MARK.length)
  return NUMBER.test(digits) ? digits : undefined
}

const FOREIGN_MARK = /"\\u0000(?:n|\\u006[eE])(?::|\\u003[aA])/g

/** RFC 8259 §6. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * A double keeps 15 significant digits whatever they are, so only sixteen digits and points in a row can be rounded. Such a
 * run covers one of any sixteen places: the others are not looked at, as this is done to every answer.
 */
const mayHoldLongRun = (text: string): boolean => {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue
    let from = at
    while (isDigitOrPoint(text.charCodeAt(from - 1))) from--
    while (isDigitOrPoint(text.charCodeAt(at + 1))) at++
    if (at - from >= 15 && startsNumber(text, from)) return true
  }
  return false
}

/** With no more than 15 digits only an exponent of three digits leaves the range; one of the three is at a multiple of three. */
const mayHoldFarExponent = (text: string): boolean => {
  for (let at = 2; at < text.length; at += 3) {
    if (!isDigit(text.charCodeAt(at))) continue
    let from = at - 1
    while (from > at - 3 && isDigit(text.charCodeAt(from))) from--
    if (isSign(text.charCodeAt(from))) from--
    if ((text.charCodeAt(from) | 0x20) !== LETTER_E) continue
    while (isDigitOrPoint(text.charCodeAt(from - 1))) from--
    if (startsNumber(text, from)) return true
  }
  return false
}

/** Most runs of digits stand inside a text, such as a UUID; what stands before a number is punctuation. */
const startsNumber = (text: string, from: number): boolean => {
  const before = text.charCodeAt(text[from - 1] === '-' ? from - 2 : from - 1)
  return Number.isNaN(before) || before <= 0x20 || before === 0x3a || before === 0x2c || before === 0x5b
}

const LETTER_E = 0x65

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

const isDigitOrPoint = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2e

const isSign = (code: number): boolean => code === 0x2b || code === 0x2d

/** Texts are stepped over from quote to quote, so that nothing is ever rewritten inside one. */
const rewrite = (text: string): string => {
  const parts: string[] = []
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    if (quote < 0) break
    const end = endOfText(text, quote)
    parts.push(text.slice(at, quote).replaceAll(TOKEN, marked), text.slice(quote, end))
    at = end
  }
  parts.push(text.slice(at).replaceAll(TOKEN, marked))
  return parts.join('')
}

const endOfText = (text: string, quote: number): number => {
  for (let end = text.indexOf('"', quote + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end + 1
  }
  return text.length
}

/** Whole runs of the characters of a number, so that a run that is none, as in `01`, is left for `JSON.parse` to refuse. */
const TOKEN = /[-+.\deE]+/g

const marked = (token: string, at: number, text: string): string =>
  !NUMBER.test(token) || survives(token) || isKey(text, at + token.length)
    ? token
    : `${WRITTEN_MARK}${token}"`

/** A number is no key in JSON; in quotes it would become one. */
const isKey = (text: string, end: number): boolean => /^\s*:/.test(text.slice(end))

/** More characters than any double is written with: whatever they say, they are kept as they are. */
const LONGEST = 800

const survives = (token: string): boolean => {
  const value = Number(token)
  return token.length <= LONGEST && Number.isFinite(value) && scientific(String(value)) === scientific(token)
}

/** The same text for the same decimal value, however it is written: its digits without zeros around them, and their power. */
const scientific = (token: string): string => {
  const [mantissa = '', exponent = '0'] = token.replace(/^-/, '').split(/[eE]/)
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}
