import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, type JWTPayload, jwtVerify } from 'jose'
import { Refusal } from './refusal.ts'

/** What a proof must have been made for. */
export interface Submission {
  readonly method: string
  /** Where it was sent, without what stands behind `?`. */
  readonly url: string
  /** The `Origin` header; undefined when no browser sent it. */
  readonly origin: string | undefined
  readonly body: string
  /** SHA-256 of the token it came with, base64url. */
  readonly token: string
}

export interface Proof {
  /** RFC 7638 thumbprint of the key that signed. */
  readonly key: string
  /** Its own id, never used twice by this key. */
  readonly id: string
  /** The origin it was signed in. */
  readonly origin: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

export interface ProofSettings {
  readonly origins: ReadonlySet<string>
  readonly seconds: number
  readonly now: number
}

/** Clocks of browsers are not exact; beyond this a proof is from the future. */
const SKEW_SECONDS = 10

/**
 * A submission is signed by a key that never leaves the browser, over method, address, origin, token, body, time and a
 * number used once (after RFC 9449, which does not cover body and origin). Whoever has only the token, or only a copy of
 * a submission, can submit nothing.
 */
export async function verifyProof(
  proof: string,
  submission: Submission,
  { origins, seconds, now }: ProofSettings,
): Promise<Proof> {
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'consent-proof+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['iat', 'jti'],
    currentDate: new Date(now),
  }).catch((cause: unknown) => {
    if (cause instanceof errors.JWTClaimValidationFailed)
      throw new Refusal('PROOF_INVALID', `claim ${cause.claim}`)
    throw new Refusal('PROOF_INVALID', 'signature or form')
  })
  requireSame(payload, submission)
  const { iat = 0, jti = '', origin } = payload as JWTPayload & { origin: string }
  if (!origins.has(origin)) throw new Refusal('ORIGIN_NOT_ALLOWED', 'proof')
  if (!/^[\w-]{16,64}$/.test(jti)) throw new Refusal('PROOF_INVALID', 'claim jti')
  const age = now / 1000 - iat
  if (!(age <= seconds && age >= -SKEW_SECONDS)) throw new Refusal('PROOF_STALE', 'claim iat')
  return {
    key: await calculateJwkThumbprint(protectedHeader.jwk as JWK),
    id: jti,
    origin,
    // One second more than it can be used, as it was made in whole seconds.
    until: (iat + seconds + 1) * 1000,
  }
}

function requireSame(payload: JWTPayload, { method, url, origin, body, token }: Submission): void {
  const expected: Readonly<Record<string, string>> = {
    htm: method,
    htu: url,
    ath: token,
    digest: createHash('sha256').update(body).digest('base64url'),
    ...(origin !== undefined && { origin }),
  }
  for (const [claim, value] of Object.entries(expected))
    if (payload[claim] !== value) throw new Refusal('PROOF_INVALID', `claim ${claim}`)
}
