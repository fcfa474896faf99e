import { createPublicKey } from 'node:crypto'
import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose'
import { AssentError } from '../errors.ts'
import type { Clock, TokenVerifier, VerifiedToken } from '../ports.ts'

export interface JwtVerifierOptions {
  readonly keys: JWTVerifyGetKey
  readonly issuer: string
  readonly audience: string
  /** Asymmetric ones only: with a shared secret everybody who can check a token can make one (RFC 8725 §3.1–3.2). */
  readonly algorithms: readonly string[]
  readonly clientClaim: string
  readonly clock: Clock
}

/** Proves a bearer token by its signature, issuer, audience and expiry (RFC 9068, RFC 8725). */
export const createJwtVerifier = (options: JwtVerifierOptions): TokenVerifier => ({
  async verify(token) {
    try {
      const { payload } = await jwtVerify(token, options.keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: [...options.algorithms],
        requiredClaims: ['exp'],
        clockTolerance: 5,
        currentDate: new Date(options.clock()),
      })
      return verified(payload, options.clientClaim)
    } catch (problem) {
      throw coded(problem)
    }
  },
})

/** Keys that the issuer publishes; read again when a token names a new one, but not more often than the cooldown. */
export const remoteKeys = (url: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { cooldownDuration: 30_000, cacheMaxAge: 600_000, timeoutDuration: 3000 })

/** One public key as PEM or JWK, or a JWKS. Throws `CONFIG_INVALID` for anything else, private keys included. */
export const localKeys = (text: string): JWTVerifyGetKey => {
  try {
    if (!text.trimStart().startsWith('{')) return pemKey(text)
    const parsed = JSON.parse(text) as Record<string, unknown>
    const keys = (Array.isArray(parsed['keys']) ? parsed['keys'] : [parsed]) as JSONWebKeySet['keys']
    if (keys.length === 0 || !keys.every(isPublicKey)) throw new TypeError('not public')
    return createLocalJWKSet({ keys })
  } catch (cause) {
    throw new AssentError('CONFIG_INVALID', 'jwt.publicKeyFile holds no public key', { cause })
  }
}

const pemKey = (pem: string): JWTVerifyGetKey => {
  if (pem.includes('PRIVATE KEY')) throw new TypeError('not public')
  const key = createPublicKey(pem)
  return async () => key
}

const isPublicKey = (key: unknown): boolean =>
  typeof key === 'object' &&
  key !== null &&
  'kty' in key &&
  key.kty !== 'oct' &&
  !('d' in key) &&
  !('k' in key)

/** Scopes that say something about the identity token, not about anybody's data (OpenID Connect Core §5.4, §11). */
const OPENID_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

const verified = (payload: JWTPayload, clientClaim: string): VerifiedToken => {
  const client = payload[clientClaim] ?? payload['azp']
  if (typeof client !== 'string' || client === '')
    throw new AssentError('TOKEN_INVALID', `claim ${clientClaim}`)
  const { scope } = payload
  if (scope !== undefined && typeof scope !== 'string') throw new AssentError('TOKEN_INVALID', 'claim scope')
  const scopes = (scope ?? '').split(' ').filter((name) => name !== '' && !OPENID_SCOPES.has(name))
  // A client that asks for itself has its own name as subject (RFC 9068 §2.2); it speaks for no person.
  const subject = typeof payload.sub !== 'string' || payload.sub === client ? null : payload.sub
  return {
    client,
    subject,
    scopes: scopes.length === 0 ? null : scopes,
    expiresAt: (payload.exp ?? 0) * 1000,
  }
}

const coded = (cause: unknown): AssentError => {
  if (cause instanceof AssentError) return cause
  if (cause instanceof errors.JWTExpired) return new AssentError('TOKEN_EXPIRED', 'claim exp', { cause })
  const place = placeOf(cause)
  // What is left is an issuer that cannot be reached or whose keys cannot be read.
  if (place === undefined) return new AssentError('TOKEN_KEYS_UNAVAILABLE', 'jwt.jwksUrl', { cause })
  return new AssentError('TOKEN_INVALID', place, { cause })
}

/** The part of a token that each refusal is about. */
const PLACES = [
  [errors.JOSEAlgNotAllowed, 'algorithm'],
  [errors.JWKSNoMatchingKey, 'key id'],
  [errors.JWKSMultipleMatchingKeys, 'key id'],
  [errors.JWSSignatureVerificationFailed, 'signature'],
  [errors.JWSInvalid, 'form'],
  [errors.JWTInvalid, 'form'],
  [errors.JOSENotSupported, 'form'],
] as const

const placeOf = (problem: unknown): string | undefined => {
  if (problem instanceof errors.JWTClaimValidationFailed) return `claim ${problem.claim}`
  const found = PLACES.find(([type]) => problem instanceof type)
  if (found !== undefined) return found[1]
  return problem instanceof TypeError && !isNetwork(problem) ? 'key' : undefined
}

const isNetwork = (problem: TypeError): boolean => problem.message === 'fetch failed'
