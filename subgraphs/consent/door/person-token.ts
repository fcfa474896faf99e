import { createHash } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { isPid } from '../pids.ts'
import { Refusal } from './refusal.ts'

/** Who asks, as their token says. */
export interface Person {
  readonly pid: string
  /** SHA-256 of the token, base64url: what a proof names it by. */
  readonly token: string
  /** Thumbprint of the only key that may sign beside this token (RFC 7800 `cnf`); null: the first that does. */
  readonly key: string | null
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export type PersonVerifier = (authorization: string | undefined) => Promise<Person>

export interface PersonTokenSettings {
  /** A secret shared with who issues the tokens (HS256, 32 bytes at least), or where the issuer publishes its keys. */
  readonly secret?: string | null
  readonly jwksUrl?: string | null
  readonly issuer: string | null
  readonly audience: string
  /** A token that lives longer is refused: it would be worth stealing. */
  readonly longestSeconds: number
  readonly clock: () => number
}

const SKEW_SECONDS = 5
const ASYMMETRIC = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']

/** Proves which person asks by a short-lived bearer token for this service (RFC 6750, RFC 8725): `sub` is the pid. */
export function createPersonVerifier(settings: PersonTokenSettings): PersonVerifier {
  const { issuer, audience, longestSeconds, clock } = settings
  const keys = keysOf(settings)
  return async (authorization) => {
    const [, token] = /^Bearer ([\w.~+/=-]{16,8192})$/i.exec(authorization ?? '') ?? []
    if (token === undefined) throw new Refusal('TOKEN_MISSING', 'header authorization')
    const { payload } = await jwtVerify(token, keys.get, {
      ...(issuer !== null && { issuer }),
      audience,
      algorithms: keys.algorithms,
      requiredClaims: ['sub', 'iat', 'exp'],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(clock()),
    }).catch((cause: unknown) => {
      throw coded(cause)
    })
    return personOf(payload, token, { longestSeconds, now: clock() / 1000 })
  }
}

/** A token as an issuer that shares the secret makes it: for trying things out. */
export async function mintPersonToken(
  pid: string,
  { secret, issuer, audience, longestSeconds, clock }: PersonTokenSettings & { readonly secret: string },
): Promise<string> {
  const now = Math.floor(clock() / 1000)
  const token = new SignJWT({ sub: pid, ...(issuer !== null && { iss: issuer }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + longestSeconds)
  return token.sign(new TextEncoder().encode(secret))
}

function keysOf({ secret, jwksUrl }: PersonTokenSettings): {
  readonly get: JWTVerifyGetKey
  readonly algorithms: string[]
} {
  // Never both kinds at once: a public key must not be taken for a secret (RFC 8725 §3.1).
  if (secret) {
    const key = new TextEncoder().encode(secret)
    return { get: async () => key, algorithms: ['HS256'] }
  }
  if (jwksUrl) return { get: createRemoteJWKSet(new URL(jwksUrl)), algorithms: ASYMMETRIC }
  return {
    get: async () => {
      throw new errors.JWKSNoMatchingKey()
    },
    algorithms: ASYMMETRIC,
  }
}

function personOf(
  { sub = '', iat = 0, exp = 0, cnf }: JWTPayload,
  token: string,
  { longestSeconds, now }: { longestSeconds: number; now: number },
): Person {
  if (!isPid(sub)) throw new Refusal('TOKEN_INVALID', 'claim sub')
  if (exp - iat > longestSeconds) throw new Refusal('TOKEN_INVALID', 'claim exp')
  if (iat > now + SKEW_SECONDS) throw new Refusal('TOKEN_INVALID', 'claim iat')
  return {
    pid: sub,
    token: createHash('sha256').update(token).digest('base64url'),
    key: keyIn(cnf),
    expiresAt: exp * 1000,
  }
}

/** A token that is bound in a way we do not know is not taken for one that is not bound. */
function keyIn(cnf: unknown): string | null {
  if (cnf === undefined) return null
  const jkt = typeof cnf === 'object' && cnf !== null ? (cnf as { jkt?: unknown }).jkt : undefined
  if (typeof jkt !== 'string') throw new Refusal('TOKEN_INVALID', 'claim cnf')
  return jkt
}

function coded(cause: unknown): Refusal {
  if (cause instanceof errors.JWTExpired) return new Refusal('TOKEN_EXPIRED', 'claim exp')
  if (cause instanceof errors.JWTClaimValidationFailed)
    return new Refusal('TOKEN_INVALID', `claim ${cause.claim}`)
  const isIssuerAway =
    cause instanceof errors.JWKSTimeout ||
    cause instanceof errors.JWKSInvalid ||
    (cause instanceof errors.JOSEError && cause.code === 'ERR_JOSE_GENERIC')
  if (isIssuerAway || (cause instanceof TypeError && cause.message === 'fetch failed'))
    return new Refusal('TOKEN_KEYS_UNAVAILABLE', 'persons.jwksUrl', 5)
  return new Refusal('TOKEN_INVALID', 'signature or form')
}
