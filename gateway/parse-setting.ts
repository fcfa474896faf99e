/** Turns what was written (text from the environment or a flag, a YAML value) into the value of a setting. */
export type ParseSetting<T> = (written: unknown) => T

/** What is wrong with a written value, said without the value: it may be a secret. */
export class SettingProblem extends Error {}

export const text: ParseSetting<string> = (written) => {
  if (typeof written !== 'string' || written.trim() === '') throw new SettingProblem('is not a text.')
  return written
}

export const secretOf =
  (minimum: number): ParseSetting<string> =>
  (written) => {
    const value = text(written)
    if (value.length < minimum) throw new SettingProblem(`is shorter than ${minimum} characters.`)
    return value
  }

/** `secret,secret`, or a YAML list of the same, each of so many characters. */
export const secrets =
  (minimum: number): ParseSetting<readonly string[]> =>
  (written) => {
    const list = typeof written === 'string' ? written.split(',').map((one) => one.trim()) : written
    if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
    return list.map(secretOf(minimum))
  }

export const wholeNumber =
  (from: number, to: number): ParseSetting<number> =>
  (written) => {
    const digits = typeof written === 'number' ? String(written) : written
    const value = typeof digits === 'string' && /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN
    if (!(value >= from && value <= to))
      throw new SettingProblem(`is not a whole number from ${from} to ${to}.`)
    return value
  }

/** A number above 0 as it is written, for who must not have it rounded. */
export const decimal: ParseSetting<string> = (written) => {
  const digits = typeof written === 'number' ? String(written) : written
  if (typeof digits !== 'string' || !/^\d{1,6}(\.\d{1,9})?$/.test(digits) || !(Number(digits) > 0))
    throw new SettingProblem('is not a number above 0, such as 0.5.')
  return digits
}

export const wholeNumberOr =
  <const Word extends string>(word: Word, from: number, to: number): ParseSetting<number | Word> =>
  (written) => {
    if (written === word) return word
    const digits = typeof written === 'number' ? String(written) : written
    if (typeof digits !== 'string' || !/^\d+$/.test(digits))
      throw new SettingProblem(`is neither ${word} nor a whole number.`)
    return wholeNumber(from, to)(digits)
  }

export const trueOrFalse: ParseSetting<boolean> = (written) => {
  if (written === true || written === 'true') return true
  if (written === false || written === 'false') return false
  throw new SettingProblem('is neither true nor false.')
}

export const oneOf =
  <const T extends readonly string[]>(...names: T): ParseSetting<T[number]> =>
  (written) => {
    const found = names.find((name) => name === written)
    if (found === undefined) throw new SettingProblem(`is none of ${names.join(', ')}.`)
    return found
  }

export const someOf =
  <const T extends readonly string[]>(...names: T): ParseSetting<readonly T[number][]> =>
  (written) => {
    const list = typeof written === 'string' ? written.split(',').map((name) => name.trim()) : written
    if (!Array.isArray(list) || list.length === 0) throw new SettingProblem('is not a list.')
    return list.map(oneOf(...names))
  }

/** What people read. */
export const oneLine: ParseSetting<string> = (written) => {
  const value = text(written)
  if (!/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,256}$/u.test(value))
    throw new SettingProblem('is not one line of text.')
  return value
}

/** `one; other`, or a YAML list of the same. */
export const oneLines: ParseSetting<readonly string[]> = (written) => {
  const list = typeof written === 'string' ? written.split(';').map((line) => line.trim()) : written
  if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
  return list.map(oneLine)
}

/** `name,name`, or a YAML list of the same; names as GraphQL has them. */
export const names: ParseSetting<readonly string[]> = (written) => {
  const list = typeof written === 'string' ? written.split(',').map((name) => name.trim()) : written
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string' && /^[_A-Za-z]\w*$/.test(name)))
    throw new SettingProblem('is not a list of names.')
  return list as string[]
}

/** As Federation allows them; a share of requests is no label to turn on. */
export const overrideLabels: ParseSetting<readonly string[]> = (written) => {
  const list = typeof written === 'string' ? written.split(',').map((name) => name.trim()) : written
  if (
    !Array.isArray(list) ||
    !list.every((name) => typeof name === 'string' && /^[A-Za-z][\w\-:./]*$/.test(name))
  )
    throw new SettingProblem('is not a list of labels.')
  return list as string[]
}

/** 32 bytes in base64 each. */
export const publicKeys: ParseSetting<readonly string[]> = (written) => {
  const list = typeof written === 'string' ? written.split(/[\s,]+/).filter(Boolean) : written
  if (
    !Array.isArray(list) ||
    !list.every((key) => typeof key === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(key))
  )
    throw new SettingProblem('is not a list of public keys of Ed25519 in base64.')
  return list as string[]
}

/** Origins by name only: who may act for a person is not left open. */
export const namedOrigins: ParseSetting<readonly string[]> = (written) => {
  const origins = webOrigins(written)
  if (origins.includes('*')) throw new SettingProblem('has `*`; name each origin.')
  return origins
}

export const httpUrl: ParseSetting<string> = (written) => {
  const value = text(written)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new SettingProblem('is not an http(s) url.')
  if (url.username !== '' || url.password !== '')
    throw new SettingProblem('has a name or password in the url.')
  return value
}

/** A field name of HTTP (RFC 9110 §5.6.2). */
export const headerName: ParseSetting<string> = (written) => {
  const value = text(written)
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(value)) throw new SettingProblem('is not the name of a header.')
  return value.toLowerCase()
}

/** `name=value,name=value`, or a YAML map of the same. */
export const named =
  <T>(parse: ParseSetting<T>): ParseSetting<ReadonlyMap<string, T>> =>
  (written) => {
    const pairs = typeof written === 'string' ? written.split(',').map(splitPair) : entriesOf(written)
    return new Map(pairs.map(([name, value]) => [name, parse(value)]))
  }
const textList = (written: unknown): string[] => {
  const list = typeof written === 'string' ? written.split(',').map((name) => name.trim()) : written
  if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
  return list.map(text)
}

/** Origins exactly as browsers write them, or `*` alone. */
export const webOrigins: ParseSetting<readonly string[]> = (written) => {
  const origins = textList(written)
  if (origins.includes('*') && origins.length > 1) throw new SettingProblem('has `*` beside other origins.')
  const isOrigin = (origin: string): boolean =>
    origin === '*' ||
    (/^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin)
  if (!origins.every(isOrigin))
    throw new SettingProblem('has something that is not an origin (scheme, host, port).')
  return origins
}

export const headerNames: ParseSetting<readonly string[]> = (written) => {
  const headers = textList(written)
  if (!headers.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)))
    throw new SettingProblem('has something that is not the name of a header.')
  return headers.map((name) => name.toLowerCase())
}

const splitPair = (pair: string): [string, unknown] => {
  const at = pair.indexOf('=')
  if (at < 1) throw new SettingProblem('is not a list of name=value.')
  return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
}

const entriesOf = (written: unknown): [string, unknown][] => {
  if (!(written instanceof Map)) throw new SettingProblem('is not a map of headers.')
  return [...(written as Map<string, unknown>)]
}
