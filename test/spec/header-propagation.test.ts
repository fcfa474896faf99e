import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { headerRules } from '../../gateway/header-rules.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'
import { openAsking } from '../support/asking.ts'
import { type FaultySubgraph, FAULTS, openFaultySubgraph, reply } from '../support/faulty-subgraph.ts'

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`

const RULES = `
subgraphs:
  deadlineHeader: x-deadline-ms
headers:
  all:
    propagate: [x-tenant, Accept-Language: x-language]
    insert:
      x-from: assent
  subgraphs:
    two:
      propagate: [authorization]
      remove: [x-tenant]
      insert: { x-from: assent for two }
`

let one: FaultySubgraph & AsyncDisposable
let two: FaultySubgraph & AsyncDisposable
let gateway: RunningGateway

beforeAll(async () => {
  one = await openFaultySubgraph(() => '{"data":{"one":"1"}}')
  two = await openFaultySubgraph(() => '{"data":{"two":"2"}}')
  gateway = await start(RULES)
})

afterAll(async () => {
  await gateway.close()
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
})

const start = (yamlText: string): Promise<RunningGateway> => {
  const { supergraph } = compose([
    { name: 'one', url: one.url, sdl: `${LINK} type Query { one: String }` },
    { name: 'two', url: two.url, sdl: `${LINK} type Query { two: String }` },
  ])
  const overrides = { port: '0', logLevel: 'silent' }
  return startGateway(readConfig({ env: {}, yamlText, overrides }), { supergraph: supergraph ?? '' })
}

const SENT_BY_THE_CLIENT = {
  'x-tenant': 'north',
  'accept-language': 'fr',
  authorization: 'Bearer token',
  cookie: 'session=1',
  'x-other': 'other',
  'x-forwarded-for': '192.0.2.1',
  'x-from': 'a client',
}

const ask = (query: string): Promise<Response> =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...SENT_BY_THE_CLIENT },
    body: JSON.stringify({ query }),
  })

/** What a subgraph got last, without what every request has. */
const got = ({ received }: FaultySubgraph): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(received.at(-1)?.headers ?? {}).filter(([name]) => !OF_EVERY_REQUEST.has(name)),
  )

const OF_EVERY_REQUEST = new Set([
  'host',
  'connection',
  'content-type',
  'content-length',
  'accept',
  'x-request-id',
  'x-deadline-ms',
])

describe('headers of a client', () => {
  it('reach the subgraphs the rules name, under the names they give, and no other does', async () => {
    expect(await (await ask('{ one two }')).json()).toEqual({ data: { one: '1', two: '2' } })
    expect(got(one)).toEqual({ 'x-tenant': 'north', 'x-language': 'fr', 'x-from': 'assent' })
    expect(got(two)).toEqual({
      'x-language': 'fr',
      'x-from': 'assent for two',
      authorization: 'Bearer token',
    })
  })

  it('are told how long the answer is still waited for', async () => {
    await ask('{ one }')
    const left = Number(one.received.at(-1)?.headers['x-deadline-ms'])
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(5000)
  })

  it('of an answer are never handed on', async () => {
    one.fault = ({ response }, answer) => {
      response.setHeader('set-cookie', 'session=leak')
      response.setHeader('x-leak', 'leak')
      reply(response, answer)
    }
    const { headers } = await ask('{ one }')
    one.fault = FAULTS.none
    expect(JSON.stringify([...headers])).not.toContain('leak')
  })

  it('make a request of its own, when they differ', async () => {
    const headers = headerRules({ all: { propagate: ['x-tenant'] } })
    const asking = openAsking(two.url, { headers })
    const before = two.received.length
    const incoming = (tenant: string) => (name: string) => (name === 'x-tenant' ? tenant : `not ${name}`)
    await Promise.all(['north', 'south', 'north'].map((name) => asking.send({ incoming: incoming(name) })))
    expect(two.received.slice(before).map((sent) => sent.headers['x-tenant'])).toEqual(['north', 'south'])
    await asking.subgraphs.close()
  })

  it('that would add a line of their own are left out', async () => {
    const asking = openAsking(one.url, { headers: headerRules({ all: { propagate: ['x-tenant'] } }) })
    await asking.send({ incoming: () => 'north\r\nauthorization: forged' })
    expect(got(one)).toEqual({})
    await asking.subgraphs.close()
  })
})

describe('rules', () => {
  it.each([
    'Set-Cookie',
    'Connection',
    'Keep-Alive',
    'TE',
    'Upgrade',
    'Proxy-Authorization',
    'Transfer-Encoding',
    'Host',
    'Content-Length',
    'Content-Digest',
    'Signature',
    'Signature-Input',
    'Assent-Purpose',
  ])('may not send %s to a subgraph, under this name or another', (name) => {
    for (const rule of [
      { propagate: [name] },
      { propagate: [{ 'x-other': name }] },
      { insert: { [name]: 'x' } },
    ])
      expect(() => headerRules({ all: rule })).toThrow(`may not send ${name.toLowerCase()}`)
  })

  it.each<[string, unknown]>([
    ['a list', []],
    ['another word beside all and subgraphs', { some: {} }],
    ['another word in a rule', { all: { add: ['x'] } }],
    ['a name that is none', { all: { propagate: ['x y'] } }],
    ['a name with a line break', { all: { propagate: ['x\r\ny'] } }],
    ['a value with a line break', { all: { insert: { x: 'a\r\nb' } } }],
    ['a value that is no text', { all: { insert: { x: 1 } } }],
    ['a text in place of a list', { all: { remove: 'x' } }],
    ['text that is no JSON', '{'],
  ])('that are %s are refused', (_, rules) => {
    expect(() => headerRules(rules)).toThrow()
  })

  it('for a subgraph that is none are refused', async () => {
    await expect(start('headers: { subgraphs: { tow: { propagate: [x] } } }')).rejects.toThrow(
      /tow \(supergraph\): is not a subgraph/,
    )
  })

  it('are read from the environment as JSON, and their values are shown to nobody', () => {
    const env = { ASSENT_HEADERS: '{"all":{"insert":{"x-key":"a key"}}}' }
    expect(readConfig({ env }).headers?.all.insert).toEqual(new Map([['x-key', 'a key']]))
    expect(() => readConfig({ env: { ASSENT_HEADERS: '{"all":{"insert":{"host":"a key"}}}' } })).toThrow(
      /^(?!.*a key).*may not send host/s,
    )
  })
})
