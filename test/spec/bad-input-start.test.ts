import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPKCS8, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import type { Config } from '../../gateway/config.ts'
import { startGateway } from '../../gateway/server.ts'
import type { RunningGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'

const directory = mkdtempSync(join(tmpdir(), 'assent-start-'))
const inDirectory = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

const { supergraph } = compose(
  ['identity', 'consent', 'features', 'recommendations', 'aggregates'].map((name) => ({
    name,
    url: 'http://127.0.0.1:1/graphql',
    sdl: readFileSync(`subgraphs/${name}/schema.graphql`, 'utf8'),
  })),
)
const supergraphFile = inDirectory('supergraph.graphql', supergraph ?? '')

let privateKey: CryptoKey
let env: Record<string, string>

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  privateKey = pair.privateKey
  env = {
    ASSENT_SUPERGRAPH: supergraphFile,
    ASSENT_PORT: '0',
    ASSENT_LOG_LEVEL: 'silent',
    ASSENT_GRANT_SECRET: 'a secret that is long enough for a test',
    ASSENT_JWT_ISSUER: 'https://issuer.example',
    ASSENT_JWT_AUDIENCE: 'assent',
    ASSENT_JWT_PUBLIC_KEY_FILE: inDirectory('public.pem', await exportSPKI(pair.publicKey)),
    ASSENT_DECISION_LOG_FILE: join(directory, 'decisions.jsonl'),
  }
})

const settings = (more: Record<string, string> = {}): Config => readConfig({ env: { ...env, ...more } })

const refusal = (more: Record<string, string>): Promise<string> =>
  startGateway(settings(more)).then(
    () => 'started',
    (problem: Error & { code?: string }) => `${problem.code}: ${problem.message}`,
  )

describe('a gateway does not start with', () => {
  it.each([
    [
      'a supergraph that is not there',
      { ASSENT_SUPERGRAPH: '/nowhere' },
      /^SUPERGRAPH_UNAVAILABLE: .*\/nowhere/,
    ],
    [
      'an url for a subgraph that is not there',
      { ASSENT_SUBGRAPHS_URLS: 'featurs=http://127.0.0.1:1/' },
      /^CONFIG_INVALID: [^]*featurs .*Did you mean `features`\?/,
    ],
    [
      'consent from a subgraph that is not there',
      { ASSENT_CONSENT_SUBGRAPH: 'permission' },
      /^CONFIG_INVALID: [^]*permission /,
    ],
    ['contracts that are not there', { ASSENT_CLIENTS: '/nowhere' }, /^CONTRACTS_INVALID: .*\/nowhere/],
    ['a vocabulary that is not there', { ASSENT_VOCABULARY: '/nowhere' }, /^CONFIG_INVALID: [^]*\/nowhere/],
    [
      'a decision log that cannot be written',
      { ASSENT_DECISION_LOG_FILE: '/dev/null/log' },
      /^DECISION_LOG_UNWRITABLE: /,
    ],
    [
      'a key file that is not there',
      { ASSENT_JWT_PUBLIC_KEY_FILE: '/nowhere' },
      /^CONFIG_INVALID: .*jwt\.publicKeyFile/,
    ],
  ])('%s', async (_, more, expected) => expect(await refusal(more)).toMatch(expected))

  it.each(['', 'ada@example.org', 'type Query { a: Int }'])('the supergraph %j', async (text) => {
    const message = await refusal({ ASSENT_SUPERGRAPH: inDirectory('bad.graphql', text) })
    expect(message).toMatch(/^(SUPERGRAPH_[A-Z]+|CONFIG_INVALID): /)
    expect(message).not.toContain('ada@example.org')
  })

  it('a private key in place of the public one', async () => {
    const file = inDirectory('private.pem', await exportPKCS8(privateKey))
    expect(await refusal({ ASSENT_JWT_PUBLIC_KEY_FILE: file })).toMatch(
      /^CONFIG_INVALID: .*jwt\.publicKeyFile holds no public key/,
    )
  })
})

describe('a production gateway', () => {
  let gateway: RunningGateway
  beforeAll(async () => void (gateway = await startGateway(settings())))
  afterAll(() => gateway.close())

  const post = async (headers: Record<string, string>): Promise<{ status: number; text: string }> => {
    const body = JSON.stringify({ query: '{ customers(first: 2) { nodes { pid email } } }' })
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  }
  const token = (claims: Record<string, unknown>, key = privateKey): Promise<string> =>
    new SignJWT({ client_id: 'support', iss: 'https://issuer.example', aud: 'assent', ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(key)
  const inTime = { exp: Math.floor(Date.now() / 1000) + 60 }

  it('serves a proved client, and names a subgraph that is away without its address', async () => {
    const { text } = await post({ authorization: `Bearer ${await token(inTime)}` })
    expect(text).toContain('SUBGRAPH_UNREACHABLE')
    expect(text).toContain('identity')
    expect(text).not.toMatch(/127\.0\.0\.1|ECONN|:1\//)
  })

  it('refuses tokens that are missing, expired, forged or of no client', async () => {
    const stranger = (await generateKeyPair('ES256')).privateKey
    const refused = async (headers: Record<string, string>): Promise<string> => {
      const { status, text } = await post(headers)
      return `${status} ${String((JSON.parse(text) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code)}`
    }
    const bearer = async (...parts: Parameters<typeof token>): Promise<Record<string, string>> => ({
      authorization: `Bearer ${await token(...parts)}`,
    })
    expect(await refused({})).toBe('401 CALLER_UNAUTHENTICATED')
    expect(await refused(await bearer({ exp: 1 }))).toBe('401 TOKEN_EXPIRED')
    expect(await refused(await bearer(inTime, stranger))).toBe('401 TOKEN_INVALID')
    expect(await refused(await bearer({ ...inTime, client_id: 'nobody' }))).toBe('403 CLIENT_UNKNOWN')
    expect(await refused({ ...(await bearer(inTime)), 'x-assent-client': 'explorer' })).toBe(
      '400 DEVELOPMENT_HEADER_REFUSED',
    )
  })
})
