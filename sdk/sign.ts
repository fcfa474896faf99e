import type { SigningKeys } from './signing-keys.ts'

export interface Signed {
  readonly url: string
  readonly origin: string
  readonly body: string
  readonly token: string
  /** Milliseconds since the epoch, as the service counts. */
  readonly now: number
}

/** The proof of a submission: over method, address, origin, body, token, time and a number used once. */
export async function proofOf(keys: SigningKeys, { url, origin, body, token, now }: Signed): Promise<string> {
  const header = { typ: 'consent-proof+jwt', alg: 'ES256', jwk: await keys.publicKey() }
  const claims = {
    htm: 'POST',
    htu: url,
    origin,
    digest: await digestOf(body),
    ath: await digestOf(token),
    iat: Math.floor(now / 1000),
    jti: crypto.randomUUID(),
  }
  const text = `${base64url(bytesOf(JSON.stringify(header)))}.${base64url(bytesOf(JSON.stringify(claims)))}`
  return `${text}.${base64url(await keys.sign(bytesOf(text)))}`
}

/** What the key is called (RFC 7638). */
export async function thumbprintOf(keys: SigningKeys): Promise<string> {
  const { crv, kty, x, y } = (await keys.publicKey()) as Record<'crv' | 'kty' | 'x' | 'y', string>
  return digestOf(JSON.stringify({ crv, kty, x, y }))
}

export async function digestOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(text))))
}

function bytesOf(text: string) {
  return new TextEncoder().encode(text)
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
