import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { SECRET } from '../history/wire/start-gateway.ts'
import { openTcpProxy, type TcpProxy } from '../history/wire/tcp-proxy.ts'
import { type LeasedGateway, openLeasedGateway } from '../support/leased-gateway.ts'
import { canary } from '../support/people-graph.ts'
import { signedRequest } from '../support/signed-request.ts'

/** The receipts, which outlive the service; the leases do not, as before an embedded database. */
const store = createMemoryConsentStore()
const LEASE_MS = 1_000

type Service = Awaited<ReturnType<typeof serveSubgraph>>
const startService = async (): Promise<Service> => {
  const service = await serveSubgraph({
    ...createConsentSubgraph({
      store,
      leases: createMemoryLeaseStore(),
      isForgetful: true,
      leaseMs: LEASE_MS,
    }),
    name: 'consent',
    grantKey: subgraphKey(SECRET, 'consent'),
    clock: Date.now,
  })
  const url = await service.listen({ host: '127.0.0.1', port: 0 })
  port = Number(new URL(url).port)
  return service
}

let service: Service
let port: number
let way: TcpProxy
let gateway: LeasedGateway
let isRefused = false
beforeAll(async () => {
  service = await startService()
  way = await openTcpProxy({ target: () => (isRefused ? null : port), stamp: Date.now })
  gateway = await openLeasedGateway(way.port)
})
afterAll(async () => {
  await gateway.close()
  await way.close()
  await service.close()
})

const says = (pid: string, status: 'given' | 'withdrawn') =>
  writeReceipts(
    store,
    { pid, scopes: ['crm_contact'], source: 'test', status },
    { vocabulary: standardVocabulary, now: Date.now() },
  )

const untilShown = async (isShown: boolean, id: string): Promise<void> => {
  await expect
    .poll(async () => (await gateway.ask('email', [id])).data?.people[0]?.['email'] !== null, {
      timeout: 20_000,
    })
    .toBe(isShown)
}

/** In service either way: what is open is still asked for. */
const untilHealthIs = async (status: 'ready' | 'degraded', ...reasons: string[]): Promise<void> => {
  await expect.poll(() => gateway.health(), { timeout: 20_000 }).toEqual([200, status, reasons])
}

describe('A consent service that is away', () => {
  let people = 0
  let resetting: NodeJS.Timeout | undefined
  test.each<[string, () => Promise<void> | void, () => Promise<void> | void]>([
    [
      'because nobody listens',
      () => {
        isRefused = true
        way.reset()
      },
      () => void (isRefused = false),
    ],
    [
      'because every connection is reset',
      () => {
        way.hold(['back'])
        resetting = setInterval(() => way.reset(), 5)
      },
      () => {
        clearInterval(resetting)
        way.letGo()
      },
    ],
    ['because it does not answer', () => way.hold(['back']), () => way.letGo()],
    ['because it was stopped', () => service.close(), async () => void (service = await startService())],
  ])(
    '%s: nothing protected without a lease, everything else as ever, and all of it when it is back',
    async (_why, go, comeBack) => {
      await says('ada', 'given')
      // Somebody nobody has been asked about.
      const other = `bo-${(people += 1)}`
      await says(other, 'given')
      await untilShown(true, 'ada')
      await untilHealthIs('ready')
      await go()
      // Under the lease that was granted what is known still counts; of others nothing is.
      const asked = await gateway.ask('id email', [other])
      expect(asked.data).toEqual({ people: [{ id: other, email: null }] })
      await untilShown(false, 'ada')
      gateway.carried.length = 0
      for (const fields of ['id email', 'id email vector churn']) {
        const { data, status, errors, withheld } = await gateway.ask(fields, ['ada', other])
        expect([status, errors]).toEqual([200, []])
        expect(data?.people.map(({ id, email }) => [id, email])).toEqual([
          ['ada', null],
          [other, null],
        ])
        expect(withheld[0]).toBe('Person.email CONSENT_UNAVAILABLE 2')
      }
      expect((await gateway.ask('id', ['ada'])).data).toEqual({ people: [{ id: 'ada' }] })
      expect(gateway.carried).toEqual([])
      await untilHealthIs('degraded', 'CONSENT_UNAVAILABLE')
      await comeBack()
      await untilShown(true, 'ada')
      await untilShown(true, other)
    },
  )
})

describe('Who asks for the health of a gateway for the first time when consent is away', () => {
  const firstAsked = async (before: (gateway: LeasedGateway) => Promise<unknown>) => {
    const other = await openLeasedGateway(way.port)
    try {
      await before(other)
      isRefused = true
      way.reset()
      await expect.poll(async () => (await other.ask('email', ['ada'])).data?.people[0]?.['email']).toBe(null)
      return await other.health()
    } finally {
      isRefused = false
      await other.close()
    }
  }

  test('hears that it is in service, as it has answered about people already', async () => {
    await says('ada', 'given')
    const asked = (one: LeasedGateway) =>
      expect
        .poll(async () => (await one.ask('email', ['ada'])).data?.people[0]?.['email'])
        .toBe(canary('ada', 'email'))
    expect(await firstAsked(asked)).toEqual([200, 'degraded', ['CONSENT_UNAVAILABLE']])
  })

  test('hears that it is not, when consent has never answered it', async () => {
    isRefused = true
    expect(await firstAsked(async () => undefined)).toEqual([503, 'not ready', ['CONSENT_UNAVAILABLE']])
  })
})

describe('A service that is killed and back within a lease, and has forgotten who held one', () => {
  const withdraw = async (pid: string) => {
    const query = `mutation { withdrawConsent(input: { pid: "${pid}", scopes: ["crm_contact"], source: "test" }) {
      effect { effective pending } } }`
    const key = subgraphKey(SECRET, 'consent')
    const { payload, headers } = signedRequest(
      { query },
      { subgraph: 'consent', key, now: Date.now(), actor: pid },
    )
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers,
      body: payload,
    })
    const { data } = (await answer.json()) as {
      data: { withdrawConsent: { effect: { effective: string; pending: string[] } }[] }
    }
    return data.withdrawConsent[0]?.effect
  }

  test('says that a withdrawal is in force when no gateway can act by what it knew before', async () => {
    await says('ada', 'given')
    await untilShown(true, 'ada')
    // The gateway is cut off, and holds a lease of the service before this one.
    way.hold(['there', 'back'])
    await service.close()
    service = await startService()
    expect((await gateway.ask('email', ['ada'])).data).toEqual({
      people: [{ email: canary('ada', 'email') }],
    })
    const withdrawing = withdraw('ada')
    expect(await Promise.race([withdrawing, pause(LEASE_MS / 2, 'waits')])).toBe('waits')
    expect(await withdrawing).toEqual({ effective: 'EFFECTIVE', pending: [] })
    gateway.carried.length = 0
    expect((await gateway.ask('email', ['ada'])).data).toEqual({ people: [{ email: null }] })
    expect(gateway.carried).toEqual([])
    way.letGo()
    way.reset()
    await untilShown(false, 'ada')
  })
})
