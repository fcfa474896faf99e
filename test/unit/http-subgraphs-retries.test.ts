import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import { AssentError } from '../../gateway/errors.ts'
import { createLifetime } from '../../gateway/lifetime.ts'
import { type Asking, openAsking } from '../support/asking.ts'
import {
  type Fault,
  type FaultySubgraph,
  FAULTS,
  openFaultySubgraph,
  reply,
} from '../support/faulty-subgraph.ts'

let subgraph: FaultySubgraph & AsyncDisposable
let asking: Asking

beforeEach(async () => {
  subgraph = await openFaultySubgraph(() => '{"data":{"a":1}}')
  asking = openAsking(subgraph.url)
})

afterEach(async () => {
  await subgraph[Symbol.asyncDispose]()
  await asking.subgraphs.close()
})

/** Misbehaves so many times, and then no more. */
const times = (count: number, fault: Fault): Fault => {
  let left = count
  return (received, answer) => (left-- > 0 ? fault : FAULTS.none)(received, answer)
}

const status =
  (code: number, body = '<html>leak</html>', type = 'text/html'): Fault =>
  ({ response }) =>
    reply(response, body, { status: code, type })

describe('a query is sent once more', () => {
  it.each<[string, Fault]>([
    ['the connection was reset before any byte', FAULTS.resetBefore],
    ['a proxy had nobody to ask (502)', status(502)],
    ['the subgraph was not there (503)', status(503)],
    ['a proxy got no answer in time (504)', status(504)],
    ['the same was said in JSON', status(503, '{"errors":[{"message":"leak"}]}', 'application/json')],
  ])('when %s', async (_, fault) => {
    subgraph.fault = times(1, fault)
    expect(await asking.ask()).toEqual({ a: 1 })
    expect(subgraph.received).toHaveLength(2)
    expect(asking.events).toEqual(['retry'])
  })

  it('when nobody listened, and it is told so when nobody does the next time', async () => {
    await subgraph.down()
    expect(await asking.ask()).toBe('SUBGRAPH_UNREACHABLE')
    expect(asking.events).toEqual(['retry'])
  })

  it('under a signature of its own, as a signature is good for one request', async () => {
    await asking.subgraphs.close()
    const sign = createGrantSigner({ secret: 'x'.repeat(32), clock: () => 0, seconds: 30 })
    asking = openAsking(subgraph.url, { sign })
    subgraph.fault = times(1, FAULTS.unavailable)
    expect(await asking.ask()).toEqual({ a: 1 })
    const [first, second] = subgraph.received
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['signature-input']).toEqual(expect.any(String))
    expect(second?.headers['signature-input']).not.toBe(first?.headers['signature-input'])
  })

  it('for everybody who waits for it', async () => {
    subgraph.fault = times(1, FAULTS.resetBefore)
    expect(await Promise.all([asking.ask(), asking.ask()])).toEqual([{ a: 1 }, { a: 1 }])
    expect(subgraph.received).toHaveLength(2)
  })
})

describe('nothing is sent again', () => {
  it.each<[string, Fault]>([
    ['an answer had begun', FAULTS.resetMidway],
    ['the answer is no GraphQL', FAULTS.html],
    ['the answer is an error', FAULTS.errorText],
    ['the subgraph failed by itself (500)', status(500)],
    ['the subgraph refuses (429)', status(429)],
  ])('when %s', async (_, fault) => {
    subgraph.fault = fault
    await asking.ask()
    expect(subgraph.received).toHaveLength(1)
    expect(asking.events).toEqual([])
  })

  it.each<[string, Fault]>([
    ['reset', FAULTS.resetBefore],
    ['unavailable', FAULTS.unavailable],
  ])('when a mutation is %s: nobody knows whether it was done', async (_, fault) => {
    subgraph.fault = fault
    expect(await asking.ask({ kind: 'mutation' })).toMatch(/^SUBGRAPH_/)
    expect(subgraph.received).toHaveLength(1)
  })

  it('more often than the settings say', async () => {
    subgraph.fault = FAULTS.unavailable
    expect(await asking.ask()).toBe('SUBGRAPH_RESPONSE_INVALID')
    expect(subgraph.received).toHaveLength(2)
  })

  it('when nobody waits for it any more', async () => {
    await asking.subgraphs.close()
    asking = openAsking(subgraph.url, { retries: 5 })
    const lifetime = createLifetime()
    subgraph.fault = (received, answer) => {
      FAULTS.unavailable(received, answer)
      received.response.on('finish', () => lifetime.end(new AssentError('BAD_REQUEST', 'client left')))
    }
    expect(await asking.ask({ lifetime })).toBe('BAD_REQUEST')
    expect(subgraph.received).toHaveLength(1)
  })

  it('beyond the budget, so that what is down is not asked twice as much', async () => {
    subgraph.fault = FAULTS.unavailable
    for (let asked = 0; asked < 60; asked++) await asking.ask({ variables: `{"x":${asked}}` })
    const retries = asking.events.length
    expect(subgraph.received).toHaveLength(60 + retries)
    // The reserve of ten, and a fifth of what was asked.
    expect(retries).toBeGreaterThanOrEqual(20)
    expect(retries).toBeLessThanOrEqual(22)
  })
})
