import { isMarked, unmarked } from './exact-numbers.ts'

/** A JSON string. */
export const quoted = (text: string): string => (isPlain(text) ? `"${text}"` : special(text))

/**
 * Whether a text is a JSON string as it stands, but for the quotes around it. Short ones, which nearly all are, are cheaper
 * looked through here than handed to a regular expression or to `JSON.stringify`.
 */
export const isPlain = (text: string): boolean => {
  if (text.length > SHORT) return PLAIN.test(text)
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code === QUOTE || code === BACKSLASH || (code >= 0xd800 && code <= 0xdfff))
      return false
  }
  return true
}

const SHORT = 48
const QUOTE = 0x22
const BACKSLASH = 0x5c
// eslint-disable-next-line no-control-regex -- those that JSON must escape (RFC 8259 §7)
const PLAIN = /^[^"\\\u0000-\u001f\ud800-\udfff]*$/

/** A number that JavaScript would have rounded was kept as marked text, and is written as the number it was. */
const special = (text: string): string =>
  (isMarked(text) ? unmarked(text) : undefined) ?? JSON.stringify(text)

/** Any JSON value, written exactly as it was read. Undefined for what is no JSON, or nested deeper than can be followed. */
export const written = (value: unknown): string | undefined => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value !== 'object') return undefined
  if (value === null) return 'null'
  try {
    return writtenObject(value)
  } catch (problem) {
    if (problem instanceof RangeError) return undefined
    throw problem
  }
}

const writtenObject = (value: object): string => {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => writtenInner(item) ?? 'null').join(',')}]`
  const members: string[] = []
  for (const [key, inner] of Object.entries(value)) {
    const text = writtenInner(inner)
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${members.join(',')}}`
}

const writtenInner = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null ? writtenObject(value) : written(value)
