import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import { AssentError } from '../../gateway/errors.ts'
import { createLifetime } from '../../gateway/lifetime.ts'
import type { SubgraphRequest } from '../../gateway/ports.ts'
import { type Asking, openAsking, QUERY } from '../support/asking.ts'
import { type FaultySubgraph, FAULTS, openFaultySubgraph, reply } from '../support/faulty-subgraph.ts'

const signed = { sign: createGrantSigner({ secret: 'x'.repeat(32), clock: () => 0, seconds: 30 }) }
const ANSWER = '{"data":{"a":[1]}}'

let subgraph: FaultySubgraph & AsyncDisposable
let asking: Asking

beforeEach(async () => {
  subgraph = await openFaultySubgraph(() => ANSWER)
  asking = openAsking(subgraph.url, signed)
})

afterEach(async () => {
  await subgraph[Symbol.asyncDispose]()
  await asking.subgraphs.close()
})

/** Sends all before the first is answered, and says how many calls that took. */
const callsFor = async (...requests: Partial<SubgraphRequest>[]): Promise<number> => {
  const before = subgraph.received.length
  await Promise.all(requests.map((request) => asking.send(request)))
  return subgraph.received.length - before
}

const grant = (change: Partial<SubgraphRequest['grant']>): Partial<SubgraphRequest> => ({
  grant: { ...QUERY.grant, ...change },
})

describe('equal queries under way at the same moment', () => {
  it('are sent once, whoever asks them in whichever request', async () => {
    expect(await callsFor({}, {}, grant({ request: 'r2' }))).toBe(1)
    expect(asking.events).toEqual(['dedupe', 'dedupe'])
  })

  it('are answered with a copy for each', async () => {
    const [one, other] = await Promise.all([asking.send(), asking.send()])
    expect(one).toEqual({ data: { a: [1] }, errors: [] })
    expect(other).toEqual(one)
    expect(other?.data).not.toBe(one?.data)
  })

  it('fail together', async () => {
    subgraph.fault = FAULTS.html
    expect(await Promise.all([asking.ask(), asking.ask()])).toEqual([
      'SUBGRAPH_RESPONSE_INVALID',
      'SUBGRAPH_RESPONSE_INVALID',
    ])
    expect(subgraph.received).toHaveLength(1)
  })

  it('are no longer joined when they are answered', async () => {
    expect(await callsFor({})).toBe(1)
    expect(await callsFor({})).toBe(1)
  })

  it('are each sent where the settings say so', async () => {
    await asking.subgraphs.close()
    asking = openAsking(subgraph.url, { ...signed, dedupe: false })
    expect(await callsFor({}, {})).toBe(2)
  })
})

describe('what differs in anything that is sent is sent by itself', () => {
  it.each<[string, Partial<SubgraphRequest>]>([
    ['document', { documentJson: '"{ b }"' }],
    ['variables', { variables: '{"x":1}' }],
    ['client', grant({ client: 'partner' })],
    ['purpose', grant({ purpose: 'ads' })],
    ['person it speaks for', grant({ actor: 'ada' })],
    ['scopes that were granted', grant({ lookups: { _e0: { scopes: ['analytics', 'ads'] } } })],
    ['people the scopes are for', grant({ lookups: { _e1: { scopes: ['analytics'] } } })],
  ])('another %s', async (_, request) => {
    expect(await callsFor({}, request)).toBe(2)
  })

  it('a mutation, however equal', async () => {
    expect(await callsFor({ kind: 'mutation' }, { kind: 'mutation' }, {})).toBe(3)
  })

  it('a query that is asked after a mutation, though an equal one from before is still under way', async () => {
    subgraph.fault = FAULTS.blackhole
    const before = asking.send()
    const { response } = await subgraph.next()
    subgraph.fault = FAULTS.none
    await asking.send({ kind: 'mutation' })
    expect(await callsFor({})).toBe(1)
    reply(response, '{"data":{"a":"before"}}')
    expect(await before).toEqual({ data: { a: 'before' }, errors: [] })
  })
})

describe('who leaves', () => {
  const gone = new AssentError('BAD_REQUEST', 'client left')

  it('leaves alone: the others are answered', async () => {
    subgraph.fault = FAULTS.blackhole
    const lifetime = createLifetime()
    const [leaving, staying] = [asking.ask({ lifetime }), asking.ask()]
    const { response } = await subgraph.next()
    lifetime.end(gone)
    expect(await leaving).toBe('BAD_REQUEST')
    reply(response, ANSWER)
    expect(await staying).toEqual({ a: [1] })
    expect(subgraph.received).toHaveLength(1)
  })

  it('last ends the call: the connection is closed and the slot is free', async () => {
    await asking.subgraphs.close()
    asking = openAsking(subgraph.url, { concurrency: 1, connections: 1 })
    subgraph.fault = FAULTS.blackhole
    const lifetimes = [createLifetime(), createLifetime()]
    const leaving = lifetimes.map((lifetime) => asking.ask({ lifetime }))
    const { response } = await subgraph.next()
    const closed = once(response, 'close')
    for (const lifetime of lifetimes) lifetime.end(gone)
    expect(await Promise.all(leaving)).toEqual(['BAD_REQUEST', 'BAD_REQUEST'])
    await closed
    subgraph.fault = FAULTS.none
    expect(await asking.ask()).toEqual({ a: [1] })
  })

  it('before it was sent, is not sent', async () => {
    const lifetime = createLifetime()
    lifetime.end(gone)
    expect(await asking.ask({ lifetime })).toBe('BAD_REQUEST')
    expect(await asking.ask({ lifetime: createLifetime(performance.now()) })).toBe('SUBGRAPH_TIMEOUT')
    expect(subgraph.received).toEqual([])
  })

  it('by its own deadline, leaves the others, who have more time', async () => {
    subgraph.fault = FAULTS.blackhole
    const hurried = asking.ask({ lifetime: createLifetime(performance.now() + 100) })
    const patient = asking.ask()
    const { response } = await subgraph.next()
    expect(await hurried).toBe('SUBGRAPH_TIMEOUT')
    reply(response, ANSWER)
    expect(await patient).toEqual({ a: [1] })
  })
})
