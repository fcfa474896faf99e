import { decodeJwt, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { AssentError } from '../errors.ts'
import type { Clock, TokenVerifier, VerifiedToken } from '../ports.ts'

export interface JwtVerifierOptions {
  readonly keys: JWTVerifyGetKey
  readonly issuer: string
  readonly audience: string
  /** Asymmetric ones only: with a shared secret everybody who can check a token can make one (RFC 8725 §3.1–3.2). */
  readonly algorithms: readonly string[]
  readonly clientClaim: string
  /** The clients this issuer may speak for; null: any. */
  readonly clients?: ReadonlySet<string> | null
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
      return verified(payload, options)
    } catch (problem) {
      throw coded(problem)
    }
  },
})

/** The issuer a token names decides by whose keys it is proved; the token is trusted in nothing before that. */
export const createIssuersVerifier = (issuers: ReadonlyMap<string, TokenVerifier>): TokenVerifier => ({
  async verify(token) {
    const verifier = issuers.get(issuerOf(token) ?? '')
    if (verifier === undefined) throw new AssentError('TOKEN_INVALID', 'claim iss')
    return verifier.verify(token)
  },
})

const issuerOf = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss
  } catch (problem) {
    throw coded(problem)
  }
}

const verified = (payload: JWTPayload, options: JwtVerifierOptions): VerifiedToken => {
  const client = clientOf(payload, options)
  // A client that asks for itself has its own name as subject (RFC 9068 §2.2); it speaks for no person.
  const subject = typeof payload.sub !== 'string' || payload.sub === client ? null : payload.sub
  return { client, subject, scopes: scopesOf(payload), expiresAt: (payload.exp ?? 0) * 1000 }
}

/**
 * The names of `scope` (RFC 8693 §4.2) or of `scp`, which some issuers write instead; null when the token has neither. An
 * issuer that writes both means the same by them: of two that differ, neither is believed.
 */
const scopesOf = (payload: JWTPayload): readonly string[] | null => {
  const [scope, scp] = [namesIn(payload, 'scope'), namesIn(payload, 'scp')]
  if (scope === null || scp === null) return scope ?? scp
  const isSame = scope.every((name) => scp.includes(name)) && scp.every((name) => scope.includes(name))
  if (!isSame) throw new AssentError('TOKEN_INVALID', 'claim scp')
  return scope
}

const namesIn = (payload: JWTPayload, claim: 'scope' | 'scp'): readonly string[] | null => {
  const value = payload[claim]
  if (value === undefined) return null
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  return texts.flatMap((text) => {
    if (typeof text !== 'string') throw new AssentError('TOKEN_INVALID', `claim ${claim}`)
    return text.split(' ').filter((name) => name !== '')
  })
}

const clientOf = (payload: JWTPayload, { clientClaim, clients = null }: JwtVerifierOptions): string => {
  const client = payload[clientClaim] ?? payload['azp']
  // One issuer must not mint the clients of another.
  const isKnown = typeof client === 'string' && client !== '' && (clients?.has(client) ?? true)
  if (!isKnown) throw new AssentError('TOKEN_INVALID', `claim ${clientClaim}`)
  return client
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
