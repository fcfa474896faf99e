import { once } from 'node:events'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { compose } from '../../schema/compose.ts'
import { type Fault, type FaultySubgraph, FAULTS, openFaultySubgraph } from '../support/faulty-subgraph.ts'

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`

let people: FaultySubgraph & AsyncDisposable
let reviews: FaultySubgraph & AsyncDisposable
let gateway: RunningGateway
let logged: string

beforeEach(async () => {
  people = await openFaultySubgraph(() => '{"data":{"me":"Ada"}}')
  reviews = await openFaultySubgraph((body) =>
    body.includes('mutation') ? '{"data":{"rate":1}}' : '{"data":{"stars":5,"words":["fine"]}}',
  )
  logged = ''
  gateway = await start('subgraphs: { timeoutMs: 1000, maxResponseBytes: 1000000, circuit: { volume: 0 } }')
})

afterEach(async () => {
  await reviews[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
  await gateway.close()
})

const start = (yamlText: string): Promise<RunningGateway> => {
  const { supergraph } = compose([
    { name: 'people', url: people.url, sdl: `${LINK} type Query { me: String }` },
    {
      name: 'reviews',
      url: reviews.url,
      sdl: `${LINK} type Query { stars: Int words: [String!] } type Mutation { rate: Int }`,
    },
  ])
  const log = pino(
    new Writable({
      write(chunk, _, done) {
        logged += String(chunk)
        done()
      },
    }),
  )
  const config = readConfig({ env: {}, yamlText, overrides: { port: '0' } })
  return startGateway(config, { supergraph: supergraph ?? '', log })
}

interface Told {
  readonly data: unknown
  readonly errors: readonly string[]
  /** Everything that left, headers and log included. */
  readonly text: string
}

const QUERY = '{ me stars words }'

const ask = async (query = QUERY, signal?: AbortSignal): Promise<Told> => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  const { data, errors = [] } = JSON.parse(text) as {
    data: unknown
    errors?: { path?: string[]; extensions: { code: string } }[]
  }
  return {
    data,
    errors: errors.map(({ path, extensions }) => `${extensions.code} ${path?.join('.')}`),
    text: `${text}${JSON.stringify([...response.headers])}${logged}`,
  }
}

const WHOLE = { me: 'Ada', stars: 5, words: ['fine'] }
const REST = { me: 'Ada', stars: null, words: null }
const at = (code: string): string[] => [`${code} stars`, `${code} words`]

/** Neither what the subgraph said nor where it is (invariant: no leak). */
const expectNothingLeaked = ({ text }: Told): void => {
  expect(text).not.toContain('leak')
  expect(text).not.toContain(new URL(reviews.url).port)
}

describe('a subgraph that misbehaves', () => {
  it.each<[string, Fault, string]>([
    ['never answers', FAULTS.blackhole, 'SUBGRAPH_TIMEOUT'],
    ['resets the connection', FAULTS.resetBefore, 'SUBGRAPH_UNREACHABLE'],
    ['resets it midway', FAULTS.resetMidway, 'SUBGRAPH_UNREACHABLE'],
    ['is unavailable', FAULTS.unavailable, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers HTML', FAULTS.html, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers HTML as JSON', FAULTS.htmlAsJson, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers nothing', FAULTS.empty, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers JSON that is cut', FAULTS.cutJson, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers another shape', FAULTS.wrongShape, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers a list as data', FAULTS.dataIsAList, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers a text as data', FAULTS.dataIsAText, 'SUBGRAPH_RESPONSE_INVALID'],
    ['answers without end', FAULTS.endless, 'SUBGRAPH_RESPONSE_INVALID'],
    ['says something about people in its error', FAULTS.errorText, 'SUBGRAPH_ERROR'],
  ])('and %s: its fields are null, each with a code, the rest is served', async (_, fault, code) => {
    reviews.fault = fault
    const told = await ask()
    expect(told.data).toEqual(REST)
    expect(told.errors).toEqual(at(code))
    expectNothingLeaked(told)
    reviews.fault = FAULTS.none
    expect((await ask()).data).toEqual(WHOLE)
  })

  it('by not being there: the same, and as before when it is back', async () => {
    await reviews.down()
    const told = await ask()
    expect(told.data).toEqual(REST)
    expect(told.errors).toEqual(at('SUBGRAPH_UNREACHABLE'))
    expectNothingLeaked(told)
    await reviews.up()
    expect((await ask()).data).toEqual(WHOLE)
  })

  it('is asked once for a mutation, whatever became of it', async () => {
    reviews.fault = FAULTS.resetBefore
    const told = await ask('mutation { rate }')
    expect(told.data).toEqual({ rate: null })
    expect(told.errors).toEqual(['SUBGRAPH_UNREACHABLE rate'])
    expect(reviews.received).toHaveLength(1)
  })
})

describe('what a subgraph costs is bounded', () => {
  it('in time: the request ends, the connection to it is closed', async () => {
    reviews.fault = FAULTS.blackhole
    const began = performance.now()
    const asked = ask()
    const { response } = await reviews.next()
    const closed = once(response, 'close')
    await asked
    await closed
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('in memory: an answer without end is cut off, many times over', async () => {
    reviews.fault = FAULTS.endless
    await ask()
    const before = process.memoryUsage().rss
    for (let asked = 0; asked < 20; asked++) await ask()
    // Twenty answers of a megabyte each, and the subgraph lives in the same process.
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576)
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200)
  })

  it('when the client leaves: nobody waits for the answer', async () => {
    await gateway.close()
    gateway = await start('subgraphs: { timeoutMs: 60000 }')
    reviews.fault = FAULTS.blackhole
    const client = new AbortController()
    const asked = ask(QUERY, client.signal)
    const { response } = await reviews.next()
    const closed = once(response, 'close')
    client.abort()
    await expect(asked).rejects.toThrow()
    await closed
  })

  it('when it is down: it is left alone after some failures, tried again, and served as before', async () => {
    await gateway.close()
    gateway = await start('subgraphs: { retries: 0, circuit: { volume: 4, openMs: 2000 } }')
    reviews.fault = FAULTS.resetBefore
    for (let asked = 0; asked < 4; asked++) await ask()
    const told = await ask()
    expect(told.data).toEqual(REST)
    expect(told.errors).toEqual(at('SUBGRAPH_CIRCUIT_OPEN'))
    expect(reviews.received).toHaveLength(4)
    reviews.fault = FAULTS.none
    await expect.poll(async () => (await ask()).data, { timeout: 20_000, interval: 50 }).toEqual(WHOLE)
    expect(reviews.received).toHaveLength(5)
  })
})
