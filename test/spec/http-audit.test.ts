import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
type Query { greeting: String }
type Mutation { greet: String }`

let subgraph: Server
let gateway: RunningGateway

beforeAll(async () => {
  subgraph = createServer((_, response) => response.end('{"data":{}}')).listen(0, '127.0.0.1')
  await new Promise((ready) => subgraph.once('listening', ready))
  const { port } = subgraph.address() as AddressInfo
  const { supergraph } = compose([{ name: 'one', url: `http://127.0.0.1:${port}/graphql`, sdl: SDL }])
  const config = readConfig({ env: {}, overrides: { port: '0', logLevel: 'silent' } })
  gateway = await startGateway(config, { supergraph: supergraph ?? '' })
})
afterAll(async () => {
  await gateway.close()
  await new Promise((gone) => subgraph.close(gone))
})

/** The audit sends GETs as a page could cause them; with one header more, CSRF prevention stays on. */
const fetchFn = (url: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers)
  headers.set('graphql-require-preflight', '1')
  return fetch(url, { ...init, headers })
}

const audits = serverAudits({ url: () => `${gateway.url}/graphql`, fetchFn })

describe('The audit of GraphQL over HTTP', () => {
  it('has 61 cases', () => expect(audits).toHaveLength(61))

  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn()
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok')
  })
})
