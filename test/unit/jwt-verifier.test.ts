import { beforeAll, describe, expect, it } from 'vitest'
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey } from 'jose'
import { localKeys } from '../../gateway/adapters/jwt-keys.ts'
import { createJwtVerifier } from '../../gateway/adapters/jwt-verifier.ts'
import type { TokenVerifier } from '../../gateway/ports.ts'

const NOW = Date.parse('2030-01-01T12:00:00Z')
const seconds = NOW / 1000

let privateKey: CryptoKey
let publicKey: CryptoKey
let stranger: CryptoKey
let verifier: TokenVerifier

const withKeys = (text: string): TokenVerifier =>
  createJwtVerifier({
    keys: localKeys(text),
    issuer: 'https://issuer.example',
    audience: 'assent',
    algorithms: ['ES256'],
    clientClaim: 'client_id',
    clock: () => NOW,
  })

beforeAll(async () => {
  ;({ privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true }))
  ;({ privateKey: stranger } = await generateKeyPair('ES256'))
  verifier = withKeys(await exportSPKI(publicKey))
})

const token = (
  claims: Record<string, unknown> = {},
  key: CryptoKey | Uint8Array = privateKey,
  alg = 'ES256',
): Promise<string> =>
  new SignJWT({
    client_id: 'shop',
    iss: 'https://issuer.example',
    aud: 'assent',
    exp: seconds + 60,
    ...claims,
  })
    .setProtectedHeader({ alg, kid: 'one' })
    .sign(key)

const refusal = async (text: string, by = verifier): Promise<unknown> =>
  by.verify(text).then(
    () => 'accepted',
    (problem: { code: string; extensions: { place: string } }) =>
      `${problem.code} ${problem.extensions.place}`,
  )

describe('a token', () => {
  it('names client, person and scopes', async () => {
    const verified = await verifier.verify(
      await token({ sub: 'pid-ada', scope: 'openid analytics crm_contact' }),
    )
    expect(verified).toEqual({
      client: 'shop',
      subject: 'pid-ada',
      scopes: ['openid', 'analytics', 'crm_contact'],
      expiresAt: NOW + 60_000,
    })
  })

  it('of a client that speaks for itself names no person', async () => {
    expect(await verifier.verify(await token({ sub: 'shop', scope: 'openid profile' }))).toMatchObject({
      subject: null,
    })
  })

  it.each([
    ['no claim', {}, null],
    ['a text', { scope: ' analytics  crm_contact ' }, ['analytics', 'crm_contact']],
    ['a list', { scope: ['analytics', 'crm_contact'] }, ['analytics', 'crm_contact']],
    ['`scp` as a text', { scp: 'analytics crm_contact' }, ['analytics', 'crm_contact']],
    ['`scp` as a list', { scp: ['analytics', 'crm_contact'] }, ['analytics', 'crm_contact']],
    ['both, in any order', { scope: 'a b', scp: ['b', 'a'] }, ['a', 'b']],
    ['an empty text', { scope: '' }, []],
    ['spaces', { scp: ' ' }, []],
    ['an empty list', { scp: [] }, []],
  ])('names its scopes by %s', async (_, claims, scopes) => {
    expect((await verifier.verify(await token(claims))).scopes).toEqual(scopes)
  })

  it.each([
    ['a number', { scope: 7 }, 'claim scope'],
    ['null', { scp: null }, 'claim scp'],
    ['a list of something else', { scp: ['analytics', 7] }, 'claim scp'],
    ['an object', { scope: { analytics: true } }, 'claim scope'],
    ['two claims that differ', { scope: 'analytics', scp: ['analytics', 'crm_contact'] }, 'claim scp'],
    ['two claims, one of them empty', { scope: '', scp: ['analytics'] }, 'claim scp'],
  ])('is refused when it names its scopes by %s', async (_, claims, place) => {
    expect(await refusal(await token(claims))).toBe(`TOKEN_INVALID ${place}`)
  })

  it('names the client in azp when the claim is missing', async () => {
    expect(await verifier.verify(await token({ client_id: undefined, azp: 'partner' }))).toMatchObject({
      client: 'partner',
    })
  })

  it('is proved by PEM, JWK or JWKS alike', async () => {
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
    for (const text of [JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]) {
      expect(await withKeys(text).verify(await token())).toMatchObject({ client: 'shop' })
    }
  })

  it('is refused with the place that does not fit', async () => {
    expect(await refusal(await token({ exp: seconds - 60 }))).toBe('TOKEN_EXPIRED claim exp')
    expect(await refusal(await token({ exp: undefined }))).toBe('TOKEN_INVALID claim exp')
    expect(await refusal(await token({ nbf: seconds + 60 }))).toBe('TOKEN_INVALID claim nbf')
    expect(await refusal(await token({ iss: 'https://other.example' }))).toBe('TOKEN_INVALID claim iss')
    expect(await refusal(await token({ aud: 'other' }))).toBe('TOKEN_INVALID claim aud')
    expect(await refusal(await token({ client_id: undefined }))).toBe('TOKEN_INVALID claim client_id')
    expect(await refusal(await token({ client_id: 7 }))).toBe('TOKEN_INVALID claim client_id')
    expect(await refusal(await token({}, stranger))).toBe('TOKEN_INVALID signature')
    expect(await refusal('no.token.at-all')).toBe('TOKEN_INVALID form')
    expect(await refusal('')).toBe('TOKEN_INVALID form')
  })

  it('that is unsigned, or signed with the public key as a shared secret, is refused', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = `${part({ alg: 'none' })}.${part({ client_id: 'shop', iss: 'https://issuer.example', aud: 'assent', exp: seconds + 60 })}.`
    expect(await refusal(unsigned)).toMatch(/^TOKEN_INVALID/)
    const confused = await token({}, new TextEncoder().encode(await exportSPKI(publicKey)), 'HS256')
    expect(await refusal(confused)).toBe('TOKEN_INVALID algorithm')
  })

  it('cannot be proved by a private or shared key', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    for (const text of [
      await exportPKCS8(pair.privateKey),
      JSON.stringify(await exportJWK(pair.privateKey)),
      '{"kty":"oct","k":"AAAA"}',
      '{"keys":[]}',
      'nonsense',
    ]) {
      expect(() => localKeys(text)).toThrowError(/jwt\.publicKeyFile/)
    }
  })
})
