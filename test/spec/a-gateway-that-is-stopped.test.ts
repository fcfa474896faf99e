import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { type Barrier, createBarrier } from '../../subgraphs/consent/leases/barrier.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createConsentSubgraph, DEFAULT_LEASE_MS } from '../../subgraphs/consent/subgraph.ts'
import type { Refusal } from '../../subgraphs/grant-verifier.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import type { Register } from '../history/history.ts'
import type { OwnProcess } from '../history/wire/own-process.ts'
import { openRecordingSubgraphs, type RecordingSubgraphs } from '../history/wire/recording-subgraphs.ts'
import { SECRET, startGatewayProcess } from '../history/wire/start-gateway.ts'
import { canary } from '../support/people-graph.ts'

/**
 * Between the last look at a request and its bytes a process can be stopped for as long as anybody likes. What it then sends rests on
 * a lease that is over: the subgraph sees it by its own clock, and answers nothing (docs/consent-protocol.md).
 */
const BEFORE = [new URL('../history/wire/stop-after-the-look.ts', import.meta.url)]
const ADA = [{ person: 'ada', scope: 'crm_contact' }]

const store = createMemoryConsentStore()
const leases = createMemoryLeaseStore()
let consent: Awaited<ReturnType<typeof serveSubgraph>>
let barrier: Barrier
let carried: (readonly Register[])[] = []
let refused: Refusal[] = []

beforeAll(async () => {
  consent = await serveSubgraph({
    ...createConsentSubgraph({ store, leases }),
    name: 'consent',
    grantKey: subgraphKey(SECRET, 'consent'),
    clock: Date.now,
  })
  await consent.listen({ host: '127.0.0.1', port: 0 })
  barrier = createBarrier({ leases, leaseMs: DEFAULT_LEASE_MS })
})
afterAll(() => consent.close())
beforeEach(() => {
  carried = []
  refused = []
})

const says = async (status: 'given' | 'withdrawn'): Promise<string> => {
  const said = { pid: 'ada', scopes: ['crm_contact'], source: 'test', status } as const
  await writeReceipts(store, said, { vocabulary: standardVocabulary, now: Date.now() })
  return store.revision()
}

const emailsAt = async ({ url }: OwnProcess): Promise<unknown> => {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'query($ids: [ID!]!) { people(ids: $ids) { email } }',
      variables: { ids: ['ada'] },
    }),
  })
  return ((await answer.json()) as { data?: unknown }).data
}

/** Stopped after its last look; Ada withdraws, that is in force, and the gateway goes on. What it answers then. */
const stoppedMeanwhile = async (gateway: OwnProcess): Promise<unknown> => {
  expect(await emailsAt(gateway)).toEqual({ people: [{ email: canary('ada', 'email') }] })
  expect([carried, refused]).toEqual([[ADA], []])
  gateway.tell({ stopAfterTheLook: true })
  const stopping = gateway.told('stopping')
  const asking = emailsAt(gateway)
  await stopping
  const effect = await barrier.waitFor(await says('withdrawn'), 5_000)
  expect(effect).toMatchObject({ effective: 'EFFECTIVE', pending: [], acknowledgements: [] })
  expect(carried).toEqual([ADA])
  gateway.goOn()
  return asking
}

describe('A gateway that is stopped between its last look and the bytes, for longer than its lease', () => {
  let subgraphs: RecordingSubgraphs
  let gateway: OwnProcess

  const open = async (trustsEverybody: boolean): Promise<void> => {
    await says('given')
    subgraphs = await openRecordingSubgraphs({
      secret: SECRET,
      onAnswered: (_port, people) => carried.push(people),
      onRefused: (refusal) => refused.push(refusal),
      trustsEverybody,
    })
    const consentPort = (consent.server.address() as AddressInfo).port
    gateway = await startGatewayProcess({ subgraphsPort: subgraphs.port, consentPort, before: BEFORE })
  }
  const close = async (): Promise<void> => {
    await gateway.kill()
    await subgraphs.close()
  }

  test('is answered nothing by a subgraph, and answers nothing', async () => {
    await open(false)
    try {
      expect(await stoppedMeanwhile(gateway)).toEqual({ people: [{ email: null }] })
      expect([carried, refused]).toEqual([[ADA], ['EXPIRED']])
    } finally {
      await close()
    }
  })

  test('is answered by a subgraph that looks at no signature, and passes nothing on', async () => {
    await open(true)
    try {
      expect(await stoppedMeanwhile(gateway)).toEqual({ people: [{ email: null }] })
      expect([carried, refused]).toEqual([[ADA, ADA], ['EXPIRED']])
    } finally {
      await close()
    }
  })
})
