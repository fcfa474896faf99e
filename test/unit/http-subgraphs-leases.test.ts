import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
