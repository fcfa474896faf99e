import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import type { LeaseTerm } from '../../gateway/ports.ts'
import { type Asking, openAsking } from '../support/asking.ts'
import { type FaultySubgraph, FAULTS, openFaultySubgraph } from '../support/faulty-subgraph.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const mayLeave = (): boolean => true

let subgraph: FaultySubgraph & AsyncDisposable
let asking: Asking
let term: LeaseTerm | null

beforeEach(async () => {
  subgraph = await openFaultySubgraph(() => '{"data":{"a":1}}')
  asking = openAsking(subgraph.url, {
    sign: createGrantSigner({ secret: 'x'.repeat(32), clock: () => NOON, seconds: 30 }),
    term: () => term,
    connections: 1,
    concurrency: 10,
  })
})
afterEach(async () => {
  await subgraph[Symbol.asyncDispose]()
  await asking.subgraphs.close()
})

const untils = (): unknown[] => subgraph.received.map(({ headers }) => headers['assent-until'])

describe('what is sent by a decision under a lease', () => {
  it('says when the lease is over, and what rests on none does not', async () => {
    term = { until: NOON + 700, leftMs: 700 }
    await asking.ask({ mayLeave })
    await asking.ask()
    term = null
    await asking.ask({ mayLeave })
    expect(untils()).toEqual([String(NOON + 700), undefined, undefined])
    expect(subgraph.received[0]?.headers['signature-input']).toContain('"assent-until"')
    expect(subgraph.received[1]?.headers['signature-input']).not.toContain('"assent-until"')
  })

  it('is asked once more under the lease as it is then', async () => {
    term = { until: NOON + 700, leftMs: 700 }
    subgraph.fault = (received, answer) => {
      subgraph.fault = FAULTS.none
      term = { until: NOON + 900, leftMs: 700 }
      FAULTS.unavailable(received, answer)
    }
    await asking.ask({ mayLeave })
    expect(untils()).toEqual([String(NOON + 700), String(NOON + 900)])
  })

  it('does not leave when the lease it was signed under ran out while it waited for a connection', async () => {
    term = { until: NOON + 5, leftMs: 5 }
    subgraph.fault = (received, answer) => setTimeout(() => FAULTS.none(received, answer), 30)
    const first = asking.ask()
    const second = asking.ask({ mayLeave, documentJson: '"{ b }"' })
    expect(await first).toEqual({ a: 1 })
    expect(await second).toBe('CONSENT_OVERTAKEN')
    expect(subgraph.received).toHaveLength(1)
  })
})

describe('an answer that refuses something', () => {
  const REFUSED = '{"data":{"a":null},"errors":[{"message":"no","extensions":{"code":"GRANT_MISSING"}}]}'
  afterEach(() => vi.restoreAllMocks())

  /** The subgraph takes so long over it. */
  const answerAfter = (ms: number, text: string) => {
    subgraph.fault = ({ response }) => {
      const begun = performance.now()
      vi.spyOn(performance, 'now').mockImplementation(() => begun + ms)
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    }
  }

  it.each([
    ['long before the end of the lease', 300, undefined],
    ['when a clock that is ahead by what is allowed shows the end', 460, true],
    ['after it', 701, true],
  ])('%s: isLate is said', async (_when, ms, isLate) => {
    term = { until: NOON + 700, leftMs: 700 }
    answerAfter(ms, REFUSED)
    expect((await asking.send({ mayLeave })).isLate).toBe(isLate)
  })

  it('is never late without a lease, or where nothing is about anybody, or where nothing was refused', async () => {
    term = null
    answerAfter(701, REFUSED)
    expect((await asking.send({ mayLeave })).isLate).toBe(undefined)
    term = { until: NOON + 700, leftMs: 700 }
    expect((await asking.send()).isLate).toBe(undefined)
    answerAfter(701, '{"data":{"a":1}}')
    expect((await asking.send({ mayLeave })).isLate).toBe(undefined)
  })
})
