import { NO_HEADER_RULES } from '../../gateway/header-rules.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import {
  type ConnectedStreams,
  createSubgraphStreams,
  type StreamProtocol,
} from '../../gateway/adapters/subgraph-streams.ts'
import { AssentError } from '../../gateway/errors.ts'
import { createLifetime, type EndableLifetime } from '../../gateway/lifetime.ts'
import type { SubgraphRequest, SubgraphResponse } from '../../gateway/ports.ts'
import { type EventSubgraph, startEventSubgraph } from '../support/event-subgraph.ts'

const SCHEMA = 'type Query { a: Int } type Subscription { tick: Int must: Int! word: String }'

let subgraph: EventSubgraph
let streams: ConnectedStreams
let lifetime: EndableLifetime

const connect = (protocol: StreamProtocol): void => {
  streams = createSubgraphStreams({
    headers: NO_HEADER_RULES,
    urls: new Map([
      ['clock', subgraph.url],
      ['nobody', 'http://127.0.0.1:1/graphql'],
    ]),
    protocols: new Map([
      ['clock', protocol],
      ['nobody', protocol],
    ]),
    sign: createGrantSigner({ secret: 'x'.repeat(32), clock: () => 0, seconds: 30 }),
    timeoutMs: 1000,
    maxEventBytes: 2000,
  })
}

const request = (document = 'subscription{tick}', name = 'clock'): SubgraphRequest => ({
  subgraph: name,
  kind: 'subscription',
  document,
  documentJson: JSON.stringify(document),
  variables: '{}',
  grant: { subgraph: name, client: 'c', purpose: 'p', request: 'r', actor: null, lookups: {} },
  lifetime,
  incoming: () => undefined,
})

const open = (...args: Parameters<typeof request>): AsyncIterator<SubgraphResponse> =>
  streams.open(request(...args))[Symbol.asyncIterator]()

const codeOf = async (next: Promise<unknown>): Promise<string> => {
  const problem: unknown = await next.then(
    () => null,
    (cause: unknown) => cause,
  )
  return problem instanceof AssentError ? problem.code : String(problem)
}

beforeEach(async () => {
  lifetime = createLifetime()
  subgraph = await startEventSubgraph({ schema: SCHEMA, fields: ['tick', 'must', 'word'] })
})

afterEach(async () => {
  lifetime.end(new AssentError('CLIENT_GONE', 'test'))
  await streams.close()
  await subgraph.close()
})

describe.each(['sse', 'ws'] as const)('a subgraph is subscribed to over %s', (protocol) => {
  beforeEach(() => connect(protocol))

  test('its events come in order until it has no more', async () => {
    const events = open()
    const first = events.next()
    await subgraph.subscribed()
    for (const tick of [1, 2]) subgraph.channel().emit(tick)
    subgraph.channel().finish()
    expect(await first).toEqual({ done: false, value: { data: { tick: 1 }, errors: [] } })
    expect((await events.next()).value).toEqual({ data: { tick: 2 }, errors: [] })
    expect((await events.next()).done).toBe(true)
  })

  test('errors inside an event come with it', async () => {
    const events = open('subscription{must}')
    const first = events.next()
    await subgraph.subscribed()
    subgraph.channel().emit(null)
    expect((await first).value).toMatchObject({ data: null, errors: [{ path: ['must'] }] })
  })

  test('what it refuses is one answer with its errors', async () => {
    const events = open('subscription{unknown}')
    expect((await events.next()).value).toMatchObject({ data: null, errors: [{}] })
    expect((await events.next()).done).toBe(true)
  })

  test('the request says for whom it is, and is signed', async () => {
    const code = codeOf(open().next())
    await subgraph.subscribed()
    const { headers, extensions } = subgraph.received()
    expect(headers).toMatchObject({
      'x-request-id': 'r',
      signature: expect.stringMatching(/^assent=:/) as string,
    })
    expect(extensions).toMatchObject({
      assent: { subgraph: 'clock', client: 'c', purpose: 'p', lookups: {} },
    })
    lifetime.end(new AssentError('CLIENT_GONE', 'test'))
    expect(await code).toBe('CLIENT_GONE')
  })

  test('nobody reads any more: the subgraph is told at once', async () => {
    const code = codeOf(open().next())
    await subgraph.subscribed()
    lifetime.end(new AssentError('CLIENT_GONE', 'test'))
    await subgraph.channel().left
    expect(await code).toBe('CLIENT_GONE')
  })

  test('a connection that breaks is an error, not an end', async () => {
    const events = open()
    const first = events.next()
    await subgraph.subscribed()
    subgraph.channel().emit(1)
    await first
    subgraph.cut()
    expect(await codeOf(events.next())).toBe('SUBGRAPH_STREAM_BROKEN')
  })

  test('a subgraph that is not there is unreachable', async () => {
    expect(await codeOf(open('subscription{tick}', 'nobody').next())).toBe('SUBGRAPH_UNREACHABLE')
  })

  test('an event larger than may be is not taken in', async () => {
    const first = open('subscription{word}').next()
    await subgraph.subscribed()
    subgraph.channel().emit('x'.repeat(3000))
    expect(await codeOf(first)).toBe('SUBGRAPH_STREAM_BROKEN')
  })
})
