import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { remoteKeys } from '../../gateway/adapters/jwt-keys.ts'
import { createIssuersVerifier, createJwtVerifier } from '../../gateway/adapters/jwt-verifier.ts'
import type { TokenVerifier } from '../../gateway/ports.ts'
import { readConfig } from '../../gateway/config.ts'

const ISSUER = 'https://issuer.example'
const MINUTE = 60_000

interface Key {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

let server: Server
let published: readonly JWK[]
let status: number
let reads: number
let one: Key
let two: Key
let verifier: TokenVerifier

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T12:00:00Z') })
  ;[one, two] = [await keyOf('one'), await keyOf('two')]
  published = [one.jwk]
  status = 200
  reads = 0
  server = createServer((_, response) => {
    reads++
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  verifier = verifierOf(ISSUER)
})

afterEach(async () => {
  vi.useRealTimers()
  server.closeAllConnections()
  await new Promise((gone) => server.close(gone))
})

const keyOf = async (kid: string): Promise<Key> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } }
}

const verifierOf = (issuer: string, clients: readonly string[] | null = null): TokenVerifier => {
  const { port } = server.address() as AddressInfo
  return createJwtVerifier({
    keys: remoteKeys(`http://127.0.0.1:${port}/jwks`, 60 * MINUTE),
    issuer,
    audience: 'assent',
    algorithms: ['ES256'],
    clientClaim: 'client_id',
    clients: clients === null ? null : new Set(clients),
    clock: Date.now,
  })
}

const token = ({ privateKey, jwk }: Key, kid = jwk.kid ?? '', claims: object = {}): Promise<string> =>
  new SignJWT({ client_id: 'shop', ...claims })
    .setIssuer((claims as { iss?: string }).iss ?? ISSUER)
    .setAudience('assent')
    .setExpirationTime(Math.floor(Date.now() / 1000) + 60)
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(privateKey)

const verdict = (text: string, by = verifier): Promise<string> =>
  by.verify(text).then(
    ({ client }) => `accepted ${client}`,
    (problem: { code: string; extensions: { place: string } }) =>
      `${problem.code} ${problem.extensions.place}`,
  )

describe('published keys', () => {
  it('are read once for many tokens, at the same moment too', async () => {
    const text = await token(one)
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verdict(text)))
    expect(new Set(verdicts)).toEqual(new Set(['accepted shop']))
    expect(reads).toBe(1)
    vi.advanceTimersByTime(9 * MINUTE)
    await verdict(await token(one))
    expect(reads).toBe(1)
  })

  it('are read again for a new name, once in a while, however many names tokens make up', async () => {
    await verdict(await token(one))
    vi.advanceTimersByTime(MINUTE)
    for (let made = 0; made < 20; made++)
      expect(await verdict(await token(two, `made up ${made}`))).toBe('TOKEN_INVALID key id')
    expect(reads).toBe(2)
    expect(await verdict(await token(one))).toBe('accepted shop')
  })

  it('that are new prove tokens after the cooldown, and those that are gone no longer do', async () => {
    await verdict(await token(one))
    published = [two.jwk]
    expect(await verdict(await token(two))).toBe('TOKEN_INVALID key id')
    vi.advanceTimersByTime(MINUTE)
    expect(await verdict(await token(two))).toBe('accepted shop')
    expect(await verdict(await token(one))).toBe('TOKEN_INVALID key id')
  })

  it('of the same name twice prove nothing', async () => {
    published = [one.jwk, { ...two.jwk, kid: 'one' }]
    expect(await verdict(await token(one))).toBe('TOKEN_INVALID key id')
  })

  it('that are secrets prove nothing', async () => {
    published = [{ kty: 'oct', k: 'AAAA', kid: 'one' }]
    expect(await verdict(await token(one))).toBe('TOKEN_INVALID key id')
  })
})

describe('while the issuer is down', () => {
  it('the last keys are used, for a while, and it is asked only now and then', async () => {
    await verdict(await token(one))
    status = 500
    vi.advanceTimersByTime(30 * MINUTE)
    for (let asked = 0; asked < 20; asked++) expect(await verdict(await token(one))).toBe('accepted shop')
    for (let asked = 0; asked < 20; asked++)
      expect(await verdict(await token(two))).toBe('TOKEN_INVALID key id')
    expect(reads).toBe(2)

    vi.advanceTimersByTime(60 * MINUTE)
    expect(await verdict(await token(one))).toBe('TOKEN_KEYS_UNAVAILABLE jwt.jwksUrl')

    status = 200
    vi.advanceTimersByTime(MINUTE)
    expect(await verdict(await token(one))).toBe('accepted shop')
  })

  it('from the start, nobody is served, and soon after it is up everybody is', async () => {
    status = 500
    expect(await verdict(await token(one))).toBe('TOKEN_KEYS_UNAVAILABLE jwt.jwksUrl')
    for (let asked = 0; asked < 20; asked++) await verdict(await token(one))
    expect(reads).toBe(1)
    status = 200
    vi.advanceTimersByTime(1000)
    expect(await verdict(await token(one))).toBe('accepted shop')
  })
})

describe('several issuers', () => {
  const other = 'https://other.example'
  const issuers = (): TokenVerifier =>
    createIssuersVerifier(
      new Map([
        [ISSUER, verifierOf(ISSUER)],
        [other, verifierOf(other, ['partner'])],
      ]),
    )

  it('each prove their own tokens, and nobody else’s', async () => {
    const both = issuers()
    expect(await verdict(await token(one), both)).toBe('accepted shop')
    const partner = { iss: other, client_id: 'partner' }
    expect(await verdict(await token(one, 'one', partner), both)).toBe('accepted partner')
    expect(await verdict(await token(one, 'one', { iss: 'https://third.example' }), both)).toBe(
      'TOKEN_INVALID claim iss',
    )
    expect(await verdict('no.token.at-all', both)).toBe('TOKEN_INVALID form')
  })

  it('speak only for the clients they were given', async () => {
    expect(await verdict(await token(one, 'one', { iss: other }), issuers())).toBe(
      'TOKEN_INVALID claim client_id',
    )
  })

  it('are settings', () => {
    const yamlText = `jwt: { issuers: [{ issuer: a, audience: b, jwksUrl: "https://c.example/d", clients: [e] }] }`
    expect(readConfig({ env: {}, yamlText }).jwtIssuers).toEqual([
      {
        issuer: 'a',
        audience: 'b',
        jwksUrl: 'https://c.example/d',
        publicKeyFile: null,
        algorithms: null,
        clientClaim: null,
        clients: ['e'],
      },
    ])
    for (const wrong of [
      '[{ issuer: a, audience: b }]',
      '[{ issuer: a, audience: b, jwksUrl: "https://c.example", publicKeyFile: d }]',
      '[{ issuer: a, jwksUrl: "https://c.example" }]',
      '[{ issuer: a, audience: b, publicKeyFile: c }, { issuer: a, audience: b, publicKeyFile: c }]',
      '[{ issuer: a, audience: b, publicKeyFile: c, algorithms: [HS256] }]',
      '[{ issuer: a, audience: b, publicKeyFile: c, algorithms: [none] }]',
      '[{ issuer: a, audience: b, publicKeyFile: c, other: d }]',
      '[a]',
      '5',
    ])
      expect(() => readConfig({ env: {}, yamlText: `jwt: { issuers: ${wrong} }` })).toThrow(/jwt\.issuers/)
  })
})
