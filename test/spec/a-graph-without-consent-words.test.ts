import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { AssentError } from '../../gateway/errors.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'

const OPEN = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
type Query { greeting: String }`

const FENCED = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
type Query { person: Person }
type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "crm_contact") }`

let subgraph: Server
let gateway: RunningGateway
const bodies: unknown[] = []

const supergraphOf = (sdl: string): string => {
  const { port } = subgraph.address() as AddressInfo
  return compose([{ name: 'one', url: `http://127.0.0.1:${port}/graphql`, sdl }]).supergraph ?? ''
}

const production = (supergraph: string) =>
  startGateway(readConfig({ env: {}, overrides: { port: '0', logLevel: 'silent' } }), { supergraph })

beforeAll(async () => {
  subgraph = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      bodies.push({ body: JSON.parse(text), signed: request.headers['signature'] !== undefined })
      response.setHeader('content-type', 'application/json')
      response.end('{"data":{"greeting":"hello"}}')
    })
  })
  await new Promise<void>((ready) => subgraph.listen(0, '127.0.0.1', ready))
  gateway = await production(supergraphOf(OPEN))
})
afterAll(async () => {
  await gateway.close()
  await new Promise((gone) => subgraph.close(gone))
})

describe('A graph without consent words', () => {
  it('is served in production to anyone, without a token, a contract, a secret or a consent service', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ greeting __typename }' }),
    })
    expect(await response.json()).toEqual({ data: { greeting: 'hello', __typename: 'Query' } })
  })

  it('sends its subgraphs plain requests, with nothing of ours in them', () => {
    expect(bodies).toEqual([{ body: { query: '{greeting}', variables: {} }, signed: false }])
  })
})

describe('A gateway that was set up for consent', () => {
  const secret = 'a secret of more than thirty-two characters'
  const start = (overrides: Record<string, string>) =>
    startGateway(readConfig({ env: {}, overrides: { port: '0', logLevel: 'silent', ...overrides } }), {
      supergraph: supergraphOf(OPEN),
    })

  it('does not serve a graph that lost its consent words', async () => {
    await expect(start({ grantSecret: secret })).rejects.toThrow(/links no consent words/)
  })

  it('serves it when told that it is meant so', async () => {
    await (await start({ grantSecret: secret, openGraph: 'true' })).close()
  })
})

describe('A graph that asks a scope nobody knows', () => {
  it('is refused, with the coordinate that asks it', async () => {
    const supergraph = supergraphOf(FENCED).replaceAll('crm_contact', 'crm_contct')
    const overrides = {
      port: '0',
      logLevel: 'silent',
      profile: 'development',
      consentUrl: 'http://127.0.0.1:9/graphql',
    }
    await expect(startGateway(readConfig({ env: {}, overrides }), { supergraph })).rejects.toThrow(
      /crm_contct \(Person\.email\): is not a scope/,
    )
  })
})

describe('A graph with consent words', () => {
  it('does not start in production without a consent service, a secret and a way to prove tokens', async () => {
    await expect(production(supergraphOf(FENCED))).rejects.toThrow(AssentError)
    await expect(production(supergraphOf(FENCED))).rejects.toThrow(/grant\.secret[\s\S]*jwt\.issuer/)
  })
})
