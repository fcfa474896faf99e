import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importPKCS8, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'
import { REVIEW } from '../support/contract-review.ts'

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@authenticated", "@requiresScopes", "@policy"])
type Query {
  open: String
  mine: String @authenticated
  orders: String @requiresScopes(scopes: [["read:orders"]])
  board: String @policy(policies: [["board"]])
}`

const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

let subgraph: Server
let gateway: RunningGateway | undefined
let supergraph: string
const directory = mkdtempSync(join(tmpdir(), 'assent-callers-'))
const keyFile = join(directory, 'key.pem')
const asked: string[] = []

beforeAll(async () => {
  writeFileSync(keyFile, publicKey)
  writeFileSync(
    join(directory, 'board.yaml'),
    `client: board\npurposes: []\nscopes: []\npolicies: [board]\n${REVIEW}`,
  )
  subgraph = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      const { query } = JSON.parse(text) as { query: string }
      asked.push(query)
      const names = [...query.matchAll(/\w+/g)].map(([name]) => [name, `${name} of all`])
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ data: Object.fromEntries(names) as object }))
    })
  })
  await new Promise<void>((ready) => subgraph.listen(0, '127.0.0.1', ready))
  const { port } = subgraph.address() as AddressInfo
  const composed = compose([{ name: 'one', url: `http://127.0.0.1:${port}/graphql`, sdl: SDL }])
  supergraph = composed.supergraph ?? expect.fail(JSON.stringify(composed.violations))
})
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  asked.length = 0
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await new Promise((gone) => subgraph.close(gone))
})

const start = async (overrides: Record<string, string>): Promise<RunningGateway> => {
  const config = readConfig({ env: {}, overrides: { port: '0', logLevel: 'silent', ...overrides } })
  return (gateway = await startGateway(config, { supergraph }))
}

const PROVING = { jwtIssuer: 'https://issuer.example', jwtAudience: 'assent', jwtPublicKeyFile: keyFile }

const tokenFor = async (client: string, scope?: string): Promise<string> =>
  new SignJWT({ client_id: client, ...(scope === undefined ? {} : { scope }) })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('https://issuer.example')
    .setAudience('assent')
    .setSubject('someone')
    .setExpirationTime('5 minutes')
    .sign(await importPKCS8(privateKey, 'EdDSA'))

const ask = async (token?: string) => {
  const response = await fetch(`${gateway?.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: '{ open mine orders board }' }),
  })
  return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] }
}

const OPEN = { open: 'open of all', mine: null, orders: null, board: null }

describe('a graph that asks its callers who they are, and holds no personal data', () => {
  it('does not start in production where nobody could prove anything', async () => {
    await expect(start({})).rejects.toThrow(/jwt\.issuer/)
  })

  it('starts so when told that it is meant, and shows what is open', async () => {
    await start({ openGraph: 'true' })
    expect((await ask()).data).toEqual(OPEN)
    expect((await ask('whatever')).data).toEqual(OPEN)
    expect(asked).toEqual(['{open}', '{open}'])
  })

  it('shows a caller without a token what is open, and asks nothing else', async () => {
    await start(PROVING)
    expect((await ask()).data).toEqual(OPEN)
    expect(asked).toEqual(['{open}'])
  })

  it('shows a caller with a token what the token is good for, without any contract', async () => {
    await start(PROVING)
    expect((await ask(await tokenFor('app'))).data).toEqual({ ...OPEN, mine: 'mine of all' })
    expect((await ask(await tokenFor('app', 'openid read:orders'))).data).toEqual({
      ...OPEN,
      mine: 'mine of all',
      orders: 'orders of all',
    })
    expect(asked).toEqual(['{open mine}', '{open mine orders}'])
  })

  it('answers policies from the contract of the client', async () => {
    await start({ ...PROVING, clients: directory })
    expect((await ask(await tokenFor('board'))).data).toMatchObject({ board: 'board of all' })
    expect((await ask(await tokenFor('bored'))).data).toMatchObject({ board: null })
  })

  it('does not start where the tags of a contract leave nothing to ask', async () => {
    const clients = join(directory, 'nothing')
    mkdirSync(clients)
    writeFileSync(
      join(clients, 'c.yaml'),
      `client: c\npurposes: []\nscopes: []\ntags:\n  include: [nobody]\n${REVIEW}`,
    )
    await expect(start({ ...PROVING, clients })).rejects.toThrow(/c: tags \(schema\): Query root type/)
  })

  it('refuses a token that proves nothing, instead of taking the caller for anyone', async () => {
    await start(PROVING)
    expect((await ask('forged')).errors?.map(({ extensions }) => extensions.code)).toEqual(['TOKEN_INVALID'])
    expect(asked).toEqual([])
  })
})
