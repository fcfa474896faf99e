import { createHmac, timingSafeEqual } from 'node:crypto'
import { normaliseEmail, normaliseId, normaliseLoyalty, normalisePhone } from './normalise.ts'

/**
 * Keyed, versioned tokens in place of what names a person (ENISA, "Pseudonymisation techniques and best practices", 2019,
 * §5.1: a keyed hash, since e-mail addresses and phone numbers can be guessed one by one against a plain one).
 *
 * A token reads `e1_…`: kind, version of its key, HMAC-SHA-256 as base64url.
 */
export interface Pseudonymizer {
  /** The token under the current key; null when `value` cannot be of this kind. */
  token(kind: TokenKind, value: string, region?: string): string | null
  /** The tokens under every known key, the current one first: what a value may be stored as. */
  tokens(kind: TokenKind, value: string, region?: string): readonly string[]
  /** Whether `token` was made from this value with any known key. */
  verify(kind: TokenKind, value: string, token: string): boolean
}

export type TokenKind = 'person' | 'email' | 'phone' | 'loyalty' | 'device' | 'household' | 'account'

interface PseudonymKey {
  /** A positive whole number, part of every token. */
  readonly version: number
  /** At least 32 bytes, kept apart from the data. */
  readonly secret: string | Uint8Array
}

export interface PseudonymOptions {
  readonly keys: readonly PseudonymKey[]
  /** The version new tokens are made with. The others are only looked up with, until their tokens are rewritten. */
  readonly current: number
  /** The country of a phone number written without `+` when nothing else says it. ISO 3166-1 alpha-2. */
  readonly defaultRegion?: string
}

export function createPseudonymizer(options: PseudonymOptions): Pseudonymizer {
  const versions = checkedVersions(options)
  const secrets = new Map(options.keys.map((key) => [key.version, domainKeys(key.secret)]))

  const tokenOf = (version: number, kind: TokenKind, normal: string): string => {
    const key = secrets.get(version)?.get(kind)
    if (key === undefined) throw new RangeError(`No pseudonym key of version ${version}`)
    return `${PREFIXES[kind]}${version}_${createHmac('sha256', key).update(normal, 'utf8').digest('base64url')}`
  }
  const normalised = (kind: TokenKind, value: string, region?: string): string | null =>
    NORMALISERS[kind](value, region || (options.defaultRegion ?? ''))

  const tokens = (kind: TokenKind, value: string, region?: string): readonly string[] => {
    const normal = normalised(kind, value, region)
    return normal === null ? [] : versions.map((version) => tokenOf(version, kind, normal))
  }
  return {
    token(kind, value, region) {
      const normal = normalised(kind, value, region)
      return normal === null ? null : tokenOf(options.current, kind, normal)
    },
    tokens,
    verify: (kind, value, token) => tokens(kind, value).some((candidate) => areEqual(candidate, token)),
  }
}

const PREFIXES: Readonly<Record<TokenKind, string>> = {
  person: 'p',
  email: 'e',
  phone: 't',
  loyalty: 'l',
  device: 'd',
  household: 'h',
  account: 'a',
}

const NORMALISERS: Readonly<Record<TokenKind, (value: string, region: string) => string | null>> = {
  person: normaliseId,
  email: normaliseEmail,
  phone: normalisePhone,
  loyalty: normaliseLoyalty,
  device: normaliseId,
  household: normaliseId,
  account: normaliseId,
}

const MINIMUM_SECRET_BYTES = 32

/** Every version, the current one first. Every fault is told at once, none of them with the secret. */
function checkedVersions({ keys, current }: PseudonymOptions): readonly number[] {
  const versions = keys.map((key) => key.version)
  const faults = [
    ...keys
      .filter(({ version }) => !Number.isSafeInteger(version) || version < 1)
      .map(() => 'a version is not a positive whole number'),
    ...keys
      .filter(({ secret }) => Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES)
      .map(({ version }) => `the secret of version ${version} has fewer than ${MINIMUM_SECRET_BYTES} bytes`),
    ...(new Set(versions).size < versions.length ? ['a version is given twice'] : []),
    ...(versions.includes(current) ? [] : [`there is no key of the current version ${current}`]),
  ]
  if (faults.length > 0) throw new RangeError(`Pseudonym keys: ${faults.join('; ')}`)
  return [current, ...versions.filter((version) => version !== current).toSorted((a, b) => b - a)]
}

/** One key a kind, so that equal values of different kinds have nothing in common (HKDF-Expand, RFC 5869 §2.3). */
const domainKeys = (secret: string | Uint8Array): ReadonlyMap<TokenKind, Uint8Array> =>
  new Map(
    (Object.keys(PREFIXES) as TokenKind[]).map((kind) => [
      kind,
      createHmac('sha256', secret).update(`assent identity ${kind}\u0001`).digest(),
    ]),
  )

const areEqual = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
