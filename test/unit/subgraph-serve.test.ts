import type { AddressInfo } from 'node:net'
import DataLoader from 'dataloader'
import { afterEach, describe, expect, test } from 'vitest'
import { codedError } from '../../subgraphs/coded-error.ts'
import { serveSubgraph, type Subgraph } from '../../subgraphs/serve.ts'
import { type SignOptions, signedRequest } from '../support/signed-request.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const KEY = 'the key of the shop subgraph'

const sdl = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
    @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
  type Query { shops: Int!  broken: Int  refused: Int  wrong: Int  echo(n: Int): Int }
  type Customer @key(fields: "pid") @dataSubject(key: "pid") {
    pid: ID!
    city: String
    email: String @requiresScope(scope: "crm_contact")
  }`

const ENTITIES = `query ($people: [_Any!]!) {
  people: _entities(representations: $people) { ... on Customer { pid city email } } }`

let close: () => Promise<unknown> = async () => {}
afterEach(() => close())

describe('A subgraph', () => {
  test('answers a protected field to a request whose grant covers it', async () => {
    const { asGateway } = await shop()
    const answer = await asGateway(
      ENTITIES,
      { people: [person('ada')] },
      { people: { scopes: ['crm_contact'] } },
    )
    expect(answer).toEqual({ data: { people: [{ pid: 'ada', city: 'city-ada', email: 'email-ada' }] } })
  })

  test('answers the unprotected fields only to anybody else, and does not look the others up', async () => {
    const { asAnybody, looked, log } = await shop()
    const answer = await asAnybody(ENTITIES, { people: [person('ada')] })
    expect(answer.data).toEqual({ people: [{ pid: 'ada', city: 'city-ada', email: null }] })
    expect(answer.errors).toEqual([
      expect.objectContaining({ path: ['people', 0, 'email'], extensions: { code: 'GRANT_MISSING' } }),
    ])
    expect(looked).not.toContain('email')
    expect(log).toEqual([{ subgraph: 'shop', refused: 'UNSIGNED' }])
  })

  test.each<[string, Partial<SignOptions>]>([
    ['signed with another key', { key: 'another' }],
    ['for another subgraph', { subgraph: 'features' }],
    ['that has run out', { now: NOON - 3_600_000 }],
  ])('treats a grant %s like none', async (_which, options) => {
    const { inject, looked } = await shop()
    const signed = signedRequest(
      { query: ENTITIES, variables: { people: [person('ada')] } },
      { subgraph: 'shop', key: KEY, now: NOON, lookups: { people: { scopes: ['crm_contact'] } }, ...options },
    )
    const answer = await inject(signed)
    expect(answer.data).toEqual({ people: [{ pid: 'ada', city: 'city-ada', email: null }] })
    expect(looked).not.toContain('email')
  })

  test('serves a signed request once', async () => {
    const { inject } = await shop()
    const signed = signedRequest(
      { query: ENTITIES, variables: { people: [person('ada')] } },
      { subgraph: 'shop', key: KEY, now: NOON, lookups: { people: { scopes: ['crm_contact'] } } },
    )
    expect(await inject(signed)).toHaveProperty('data.people.0.email', 'email-ada')
    expect(await inject(signed)).toHaveProperty('data.people.0.email', null)
  })

  test('gathers the reads of one request and shares nothing with the next', async () => {
    const { asAnybody, batches } = await shop()
    await asAnybody(ENTITIES, { people: [person('ada'), person('bo')] })
    await asAnybody(ENTITIES, { people: [person('ada')] })
    expect(batches).toEqual([['ada', 'bo'], ['ada']])
  })

  test('says of an error that it did not raise only where it happened', async () => {
    const { asAnybody, log } = await shop()
    const answer = await asAnybody('{ shops broken wrong refused }')
    const masked = { message: 'Something unexpected went wrong.', extensions: { code: 'INTERNAL' } }
    expect(answer.errors).toEqual(
      expect.arrayContaining([
        { ...masked, path: ['broken'] },
        { ...masked, path: ['wrong'] },
        {
          message: expect.stringContaining('(pid)'),
          path: ['refused'],
          extensions: { code: 'SUBJECT_BLOCKED' },
        },
      ]),
    )
    expect(JSON.stringify([answer, log])).not.toContain('canary 51d0')
    expect(log).toContainEqual(expect.objectContaining({ field: 'broken', error: 'TypeError', count: 1 }))
  })

  test('does not repeat the value of a variable that does not fit', async () => {
    const { asAnybody } = await shop()
    const answer = await asAnybody('query ($n: Int) { echo(n: $n) }', { n: 'canary 51d0' })
    expect(answer.errors).toEqual([
      expect.objectContaining({
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        message: expect.stringContaining('$n'),
      }),
    ])
    expect(JSON.stringify(answer)).not.toContain('canary 51d0')
  })

  test.each([
    ['text that is no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a request without a document', '{"query":1}'],
    ['a document that is none', '{"query":"{"}'],
    ['a field nobody has', '{"query":"{ nobody }"}'],
  ])('refuses %s with a coded error', async (_what, payload) => {
    const { inject } = await shop()
    const answer = await inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expect(answer.errors[0].extensions.code).toMatch(/^(BAD_REQUEST|GRAPHQL_VALIDATION_FAILED)$/)
  })

  test('takes the representations of ten thousand people in one request', async () => {
    const { asAnybody } = await shop()
    const people = Array.from({ length: 10_000 }, (_, index) => person(`person-${index}`.padEnd(60, 'x')))
    expect((await asAnybody(ENTITIES, { people })).data.people).toHaveLength(10_000)
  })

  test('is alive', async () => {
    const { inject } = await shop()
    expect(await inject({ method: 'GET', url: '/health/live' })).toEqual({ status: 'pass' })
  })
})

describe('An event stream', () => {
  test('is sent to signed callers, from where they ask, until the subgraph closes', async () => {
    const { listen, stop } = await shop()
    const { headers, payload: body } = signedRequest(
      { after: '7' },
      { subgraph: 'shop', key: KEY, now: NOON, path: '/changes' },
    )
    const response = await fetch(`${await listen()}/changes`, { method: 'POST', headers, body })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await stop()
    expect(await response.text()).toBe('id: 8\nevent: change\ndata: {"after":"7"}\n\n')
  })

  test('is refused to anybody else', async () => {
    const { inject } = await shop()
    const answer = await inject({
      method: 'POST',
      url: '/changes',
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    })
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'GRANT_MISSING' } }] })
  })
})

interface Loaders {
  readonly city: DataLoader<string, string>
}

interface Injected {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string
}

async function shop() {
  const looked: string[] = []
  const batches: (readonly string[])[] = []
  const log: unknown[] = []
  const subgraph: Subgraph<Loaders> = {
    sdl,
    loaders: () => ({
      city: new DataLoader(async (pids) => {
        batches.push(pids)
        return pids.map((pid) => `city-${pid}`)
      }),
    }),
    streams: new Map([
      [
        '/changes',
        async function* (input, signal) {
          yield { event: 'change', id: '8', data: { after: (input as { after: string }).after } }
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      ],
    ]),
    resolvers: {
      Query: {
        shops: () => 4,
        broken: () => {
          throw new TypeError('canary 51d0')
        },
        refused: () => {
          throw codedError('SUBJECT_BLOCKED', 'pid')
        },
        wrong: () => 'canary 51d0',
        echo: (_root, { n }: { n: number }) => n,
      },
      Customer: {
        __resolveReference: ({ pid }: { pid: string }) => ({ pid }),
        city: ({ pid }: { pid: string }, _args, { loaders }) => loaders.city.load(pid),
        email: ({ pid }: { pid: string }) => {
          looked.push('email')
          return `email-${pid}`
        },
      },
    },
  }
  const app = await serveSubgraph({
    ...subgraph,
    name: 'shop',
    grantKey: KEY,
    clock: () => NOON,
    log: (event) => log.push(event),
  })
  close = () => app.close()
  const inject = async (request: Injected) =>
    JSON.parse((await app.inject({ ...request, headers: { ...request.headers } })).payload)
  return {
    looked,
    batches,
    log,
    inject,
    stop: () => app.close(),
    asGateway: (query: string, variables: object, lookups: SignOptions['lookups']) =>
      inject(
        signedRequest(
          { query, variables },
          { subgraph: 'shop', key: KEY, now: NOON, ...(lookups ? { lookups } : {}) },
        ),
      ),
    asAnybody: (query: string, variables: object = {}) =>
      inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ query, variables }),
      }),
    async listen() {
      await app.listen({ host: '127.0.0.1', port: 0 })
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    },
  }
}

function person(pid: string) {
  return { __typename: 'Customer', pid }
}
