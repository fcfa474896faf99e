import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const TOKEN_SECRET = 'a secret that the shop and the consent service share'
export const SHOP = 'https://shop.example'

export interface SigningKey {
  readonly jwk: JWK
  readonly thumbprint: string
  readonly privateKey: CryptoKeyOf
}
type CryptoKeyOf = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

/** A key as a browser makes one. */
export const makeKey = async (): Promise<SigningKey> => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return { jwk, thumbprint: await calculateJwkThumbprint(jwk), privateKey }
}

/** A token as the shop issues it to the person who is logged in. */
export const tokenOf = (
  pid: string,
  now: number,
  claims: {
    readonly aud?: string
    readonly seconds?: number
    readonly cnf?: unknown
    readonly secret?: string
  } = {},
): Promise<string> => {
  const { aud = 'assent-consent', seconds = 300, cnf, secret = TOKEN_SECRET } = claims
  const iat = Math.floor(now / 1000)
  return new SignJWT({ sub: pid, aud, iat, exp: iat + seconds, ...(cnf !== undefined && { cnf }) })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}

export interface ProofClaims {
  readonly htm?: string
  readonly htu?: string
  readonly origin?: string
  readonly ath?: string
  readonly digest?: string
  readonly iat?: number
  readonly jti?: string
}

export interface Sending {
  readonly url: string
  readonly token: string
  readonly body: string
  readonly now: number
}

/** The signature of a submission, made from the description in docs/consent-door.md and not by the SDK. */
export const proofOf = (
  key: SigningKey,
  { url, token, body, now }: Sending,
  claims: ProofClaims = {},
): Promise<string> =>
  new SignJWT({
    htm: 'POST',
    htu: url,
    origin: SHOP,
    ath: sha256(token),
    digest: sha256(body),
    iat: Math.floor(now / 1000),
    jti: randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ typ: 'consent-proof+jwt', alg: 'ES256', jwk: key.jwk })
    .sign(key.privateKey)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
