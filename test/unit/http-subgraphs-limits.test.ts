import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HttpSubgraphsOptions } from '../../gateway/adapters/http-subgraphs.ts'
import { AssentError } from '../../gateway/errors.ts'
import { createLifetime } from '../../gateway/lifetime.ts'
import { type Asking, openAsking } from '../support/asking.ts'
import { type FaultySubgraph, FAULTS, openFaultySubgraph, reply } from '../support/faulty-subgraph.ts'

const ANSWER = '{"data":{"a":1}}'

let subgraph: FaultySubgraph & AsyncDisposable
let asking: Asking

beforeEach(async () => {
  subgraph = await openFaultySubgraph(() => ANSWER)
})

afterEach(async () => {
  vi.useRealTimers()
  await subgraph[Symbol.asyncDispose]()
  await asking.subgraphs.close()
})

const open = (options: Partial<HttpSubgraphsOptions>): void => {
  asking = openAsking(subgraph.url, { retries: 0, dedupe: false, ...options })
}

describe('requests to one subgraph', () => {
  it('are under way up to a limit, wait up to another, and are turned away beyond it', async () => {
    open({ concurrency: 1, queue: 1 })
    subgraph.fault = FAULTS.blackhole
    const asked = [asking.ask(), asking.ask(), asking.ask()]
    expect(await asked[2]).toBe('SUBGRAPH_BUSY')
    const first = await subgraph.next()
    expect(subgraph.received).toHaveLength(1)
    reply(first.response, ANSWER)
    const second = await subgraph.next()
    reply(second.response, ANSWER)
    expect(await Promise.all(asked)).toEqual([{ a: 1 }, { a: 1 }, 'SUBGRAPH_BUSY'])
    expect(asking.events).toEqual(['shed'])
  })

  it('leave the queue when nobody waits for them, and their place is free', async () => {
    open({ concurrency: 1, queue: 1 })
    subgraph.fault = FAULTS.blackhole
    const first = asking.ask()
    const { response } = await subgraph.next()
    const lifetime = createLifetime()
    const waiting = asking.ask({ lifetime })
    lifetime.end(new AssentError('BAD_REQUEST', 'client left'))
    expect(await waiting).toBe('BAD_REQUEST')
    const next = asking.ask()
    subgraph.fault = FAULTS.none
    reply(response, ANSWER)
    expect(await Promise.all([first, next])).toEqual([{ a: 1 }, { a: 1 }])
    expect(subgraph.received).toHaveLength(2)
  })

  it('wait no longer than the deadline, in the queue or for the answer', async () => {
    open({ concurrency: 1, timeoutMs: 100 })
    subgraph.fault = FAULTS.blackhole
    expect(await Promise.all([asking.ask(), asking.ask()])).toEqual(['SUBGRAPH_TIMEOUT', 'SUBGRAPH_TIMEOUT'])
    subgraph.fault = FAULTS.none
    expect(await asking.ask()).toEqual({ a: 1 })
  })

  it('are not sent when their time ran out while the process stood still, though no timer said so', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    open({ concurrency: 1, timeoutMs: 1000 })
    subgraph.fault = FAULTS.blackhole
    const asked = [asking.ask(), asking.ask()]
    const { response } = await subgraph.next()
    const later = performance.now() + 1000
    const now = vi.spyOn(performance, 'now').mockReturnValue(later)
    reply(response, ANSWER)
    expect(await Promise.all(asked)).toEqual([{ a: 1 }, 'SUBGRAPH_TIMEOUT'])
    now.mockRestore()
    expect(subgraph.received).toHaveLength(1)
    subgraph.fault = FAULTS.none
    expect(await asking.ask()).toEqual({ a: 1 })
  })

  it('fail one by one, however many wait', async () => {
    open({ concurrency: 1, queue: 20_000 })
    await subgraph.down()
    const asked = await Promise.all(Array.from({ length: 200 }, () => asking.ask()))
    expect(new Set(asked)).toEqual(new Set(['SUBGRAPH_UNREACHABLE']))
  })
})

describe('an answer without end', () => {
  it('is cut off at the limit', async () => {
    open({ maxResponseBytes: 100_000 })
    subgraph.fault = FAULTS.endless
    const asked = asking.ask()
    const { response } = await subgraph.next()
    await once(response, 'close')
    expect(await asked).toBe('SUBGRAPH_RESPONSE_INVALID')
    subgraph.fault = FAULTS.none
    expect(await asking.ask()).toEqual({ a: 1 })
  })

  it('is cut off before that when it is not JSON', async () => {
    open({})
    subgraph.fault = ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write('x'.repeat(200_000))
    }
    expect(await asking.ask()).toBe('SUBGRAPH_RESPONSE_INVALID')
  })
})

describe('a subgraph that fails', () => {
  const circuit = { errorPercent: 50, volume: 4, openMs: 60_000 }
  const askInTurn = async (count: number): Promise<unknown[]> => {
    const answers = []
    for (let asked = 0; asked < count; asked++) answers.push(await asking.ask())
    return answers
  }

  it('is not asked for a while; then once, and if it answers, as before', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    open({ circuit })
    subgraph.fault = FAULTS.resetBefore
    await askInTurn(4)
    expect(await askInTurn(3)).toEqual(Array(3).fill('SUBGRAPH_CIRCUIT_OPEN'))
    expect(subgraph.received).toHaveLength(4)

    vi.advanceTimersByTime(circuit.openMs)
    expect(await askInTurn(2)).toEqual(['SUBGRAPH_UNREACHABLE', 'SUBGRAPH_CIRCUIT_OPEN'])

    vi.advanceTimersByTime(circuit.openMs)
    subgraph.fault = FAULTS.blackhole
    const probe = asking.ask()
    const { response } = await subgraph.next()
    expect(await asking.ask()).toBe('SUBGRAPH_CIRCUIT_OPEN')
    subgraph.fault = FAULTS.none
    reply(response, ANSWER)
    expect(await probe).toEqual({ a: 1 })
    expect(await askInTurn(3)).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }])
    expect(asking.events).toEqual(['open', 'close'])
  })

  it('is asked by the next one when the one who tried has left', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    open({ circuit })
    subgraph.fault = FAULTS.resetBefore
    await askInTurn(4)
    vi.advanceTimersByTime(circuit.openMs)
    subgraph.fault = FAULTS.blackhole
    const lifetime = createLifetime()
    const probe = asking.ask({ lifetime })
    await subgraph.next()
    lifetime.end(new AssentError('BAD_REQUEST', 'client left'))
    expect(await probe).toBe('BAD_REQUEST')
    subgraph.fault = FAULTS.none
    expect(await askInTurn(1)).toEqual([{ a: 1 }])
  })

  it('by answering wrongly is still asked: one bad query must not end it for the others', async () => {
    open({ circuit })
    for (const fault of [FAULTS.html, FAULTS.errorText, FAULTS.empty]) {
      subgraph.fault = fault
      await askInTurn(8)
    }
    subgraph.fault = FAULTS.none
    expect(await askInTurn(1)).toEqual([{ a: 1 }])
  })

  it('for who has left is not judged by that', async () => {
    open({ circuit })
    subgraph.fault = FAULTS.blackhole
    for (let left = 0; left < 8; left++) {
      const lifetime = createLifetime()
      const asked = asking.ask({ lifetime })
      await subgraph.next()
      lifetime.end(new AssentError('BAD_REQUEST', 'client left'))
      await asked
    }
    subgraph.fault = FAULTS.none
    expect(await askInTurn(1)).toEqual([{ a: 1 }])
  })

  it('seldom enough, or never while the circuit is off, goes on being asked', async () => {
    open({ circuit: { ...circuit, volume: 0 } })
    subgraph.fault = FAULTS.resetBefore
    await askInTurn(20)
    expect(subgraph.received).toHaveLength(20)
  })
})
