import { httpUrl, SettingProblem, someOf, text } from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** One issuer whose tokens prove callers. */
export interface JwtIssuer {
  readonly issuer: string
  readonly audience: string
  /** Where its keys are: exactly one of the two. */
  readonly jwksUrl: string | null
  readonly publicKeyFile: string | null
  readonly algorithms: readonly string[] | null
  readonly clientClaim: string | null
  /** The clients it may speak for; null: any. */
  readonly clients: readonly string[] | null
}

/** With a shared secret everybody who can check a token can make one (RFC 8725 §3.1–3.2). */
export const jwtAlgorithms = someOf(
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
)

/** A YAML list of issuers, or the same as JSON text. */
export const jwtIssuers: ParseSetting<readonly JwtIssuer[]> = (written) => {
  const list = typeof written === 'string' ? fromJson(written) : written
  if (!Array.isArray(list)) throw new SettingProblem('is not a list.')
  const issuers = list.map(issuerOf)
  const names = new Set(issuers.map(({ issuer }) => issuer))
  if (names.size < issuers.length) throw new SettingProblem('names an issuer twice.')
  return issuers
}

const issuerOf = (written: unknown): JwtIssuer => {
  if (typeof written !== 'object' || written === null)
    throw new SettingProblem('has an issuer that is no map.')
  const entries = written as Record<string, unknown>
  const unknown = Object.keys(entries).find((name) => !NAMES.has(name))
  if (unknown !== undefined) throw new SettingProblem(`knows only ${[...NAMES].join(', ')} here.`)
  const read = <T>(name: string, parse: ParseSetting<T>): T | null =>
    entries[name] === undefined ? null : parse(entries[name])
  const jwksUrl = read('jwksUrl', httpUrl)
  const publicKeyFile = read('publicKeyFile', text)
  if ((jwksUrl === null) === (publicKeyFile === null))
    throw new SettingProblem('needs one of `jwksUrl` and `publicKeyFile` for each issuer.')
  return {
    issuer: text(entries['issuer']),
    audience: text(entries['audience']),
    jwksUrl,
    publicKeyFile,
    algorithms: read('algorithms', jwtAlgorithms),
    clientClaim: read('clientClaim', text),
    clients: read('clients', (names) => {
      if (!Array.isArray(names)) throw new SettingProblem('has `clients` that are no list.')
      return names.map(text)
    }),
  }
}

const NAMES: ReadonlySet<string> = new Set([
  'issuer',
  'audience',
  'jwksUrl',
  'publicKeyFile',
  'algorithms',
  'clientClaim',
  'clients',
])

const fromJson = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    throw new SettingProblem('is not JSON.')
  }
}
