import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import type { EventSource, FeatureEvent } from '../../subgraphs/features/materialise/event-source.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import { openFeatures } from '../../subgraphs/open-features.ts'
import { consentElsewhere, openStanding } from '../../subgraphs/open-standing.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { createLateCurrency } from '../../subgraphs/standing/late-currency.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { firstReceipt, successor } from '../support/receipts.ts'
import { signedRequest } from '../support/signed-request.ts'

const KEY = 'the key of the features subgraph'
const FOLLOWING = 'the key of whoever follows consent'
const [LEASE_MS, MAY_TAKE_MS] = [500, 5_000]
const clock = Date.now

/** Analytics holds for who said nothing, until they say no. */
const OPT_OUT = bundleOf(
  `${NAMED}${STRICT('[model, legalBases]')}  scopes: { analytics: { model: opt-out, legalBases: [statute, consent] } }\n`,
)
/** Nothing holds that nobody said. */
const OPT_IN = bundleOf(`${NAMED.replace('1.0.0', '2.0.0')}${STRICT()}`)
/** The same, and whoever has not told their age may not be asked. */
const UNKNOWN_AGE = bundleOf(
  `${NAMED.replace('1.0.0', '3.0.0')}${STRICT().replace('unknownAge: allowed', 'unknownAge: denied')}`,
)

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

test('a value that a bundle allowed is gone soon after another one took it, and is computed again when it comes back', async () => {
  const house = await open()
  await house.follower.untilHeard('1')
  house.compute()
  await expect.poll(house.shown).toEqual({ ada: 60, bo: 60 })

  await house.exchangeBundle(OPT_IN)
  const since = performance.now()
  // While it is not known what holds, nobody has a value; when it is, all who said yes themselves have theirs.
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: null, bo: 60 })
  expect(performance.now() - since).toBeLessThan(MAY_TAKE_MS)
  await expect.poll(house.kept).toEqual(['bo'])

  await house.exchangeBundle(OPT_OUT)
  // Without a word of anybody.
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: 60, bo: 60 })
  expect(await house.consent.revision()).toBe('1')

  await house.exchangeBundle(OPT_IN)
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: null, bo: 60 })
  await house.consent.append([firstReceipt('ada')])
  await expect.poll(house.shown).toEqual({ ada: 60, bo: 60 })
})

test('who was never asked about has the values that a later bundle allows, without a word and without another event', async () => {
  const house = await open(OPT_IN)
  await house.follower.untilHeard('1')
  house.compute()
  await expect.poll(house.shown).toEqual({ ada: null, bo: 60 })
  await house.exchangeBundle(OPT_OUT)
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: 60, bo: 60 })
  expect(await house.consent.revision()).toBe('1')
})

test('a bundle that denies who has not told their age withholds what rests on their yes; without it the yes counts again', async () => {
  const house = await open(OPT_IN)
  await house.follower.untilHeard('1')
  house.compute()
  await expect.poll(house.shown).toEqual({ ada: null, bo: 60 })

  await house.exchangeBundle(UNKNOWN_AGE)
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: null, bo: null })
  await expect.poll(house.policy).toBe(UNKNOWN_AGE.id)
  expect(await house.standingOf('bo')).toMatchObject({ granted: false, cut: '0', basis: '1' })

  await house.exchangeBundle(OPT_IN)
  await expect.poll(house.shown, { timeout: MAY_TAKE_MS }).toEqual({ ada: null, bo: 60 })
  expect(await house.consent.revision(), 'without a word of anybody').toBe('1')
})

test('who takes their yes back while a bundle denies it has nothing left, whatever bundle comes then', async () => {
  const house = await open(OPT_IN)
  await house.follower.untilHeard('1')
  house.compute()
  await expect.poll(house.shown).toEqual({ ada: null, bo: 60 })
  await house.exchangeBundle(UNKNOWN_AGE)
  await expect.poll(house.policy, { timeout: MAY_TAKE_MS }).toBe(UNKNOWN_AGE.id)

  await house.consent.append([successor(firstReceipt('bo'), 'withdrawn')])
  await house.follower.untilHeard('2')
  expect(await house.standingOf('bo')).toMatchObject({ granted: false, cut: '2', basis: '0' })

  await house.exchangeBundle(OPT_IN)
  await expect.poll(house.policy, { timeout: MAY_TAKE_MS }).toBe(OPT_IN.id)
  expect(await house.shown()).toEqual({ ada: null, bo: null })
})

async function open(bundle: PolicyBundle = OPT_OUT) {
  const consent = createMemoryConsentStore(clock)
  await consent.append([firstReceipt('bo')])
  const exchange = exchangeable(consent)
  const url = await exchange(bundle)
  const store = createMemoryFeaturesStore()
  const currency = createLateCurrency()
  const standing = openStanding({
    view: consentElsewhere({ url, key: FOLLOWING, clock }),
    currency,
    holders: [{ name: 'features', standings: store.standings, rows: store }],
    clock,
    log: () => {},
  })
  opened.push(() => standing.stop())
  const app = await serveSubgraph({
    ...createFeaturesSubgraph({ store, clock, currency }),
    name: 'features',
    grantKey: KEY,
    clock,
  })
  opened.push(() => app.close())
  const features = await app.listen({ host: '127.0.0.1', port: 0 })
  const keys = ['ada', 'bo'].map((pid) => ({ pid, scope: 'analytics', feature: 'longest_session_30d' }))
  return {
    consent,
    follower: standing.follower,
    exchangeBundle: exchange,
    compute() {
      const computing = openFeatures({
        features: store,
        events: VISITS,
        follower: standing.follower,
        currency: standing.follower,
        clock,
        log: () => {},
        everyMs: 10,
      })
      opened.push(() => computing.stop())
    },
    shown: () => askOver(features),
    /** The bundle under which everything was decided. */
    policy: () => store.standings.policy(),
    standingOf: async (pid: string) => (await store.standings.of([{ pid, scope: 'analytics' }]))[0],
    /** Of whom there is a row. */
    kept: async () => (await store.trace(keys, clock())).map(({ pid }) => pid),
  }
}

/** A consent service that is replaced by one with another bundle, at the same address and with the same receipts. */
function exchangeable(store: ReturnType<typeof createMemoryConsentStore>) {
  const leases = createMemoryLeaseStore(clock)
  let close: () => Promise<unknown> = async () => {}
  let port = 0
  opened.push(() => close())
  return async (policy: PolicyBundle): Promise<string> => {
    await close()
    const app = await serveSubgraph({
      ...createConsentSubgraph({ store, leases, leaseMs: LEASE_MS, clock, policy }),
      name: 'consent',
      grantKey: null,
      peerKeys: { standing: FOLLOWING },
      clock,
    })
    await app.listen({ host: '127.0.0.1', port })
    port = (app.server.address() as AddressInfo).port
    close = () => app.close()
    return `http://127.0.0.1:${port}/graphql`
  }
}

async function askOver(url: string): Promise<Record<string, unknown>> {
  const query = `{ people: _entities(representations: [
    { __typename: "Customer", pid: "ada" }, { __typename: "Customer", pid: "bo" }]) {
    ... on Customer { pid features { longestSession30d } } } }`
  const lookups = { people: { scopes: ['analytics'] } }
  const {
    url: path,
    headers,
    payload,
  } = signedRequest({ query }, { subgraph: 'features', key: KEY, now: clock(), lookups })
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: payload })
  const { data } = (await answer.json()) as {
    data: { people: { pid: string; features: { longestSession30d: number | null } }[] }
  }
  return Object.fromEntries(data.people.map(({ pid, features }) => [pid, features.longestSession30d]))
}

const visit = (pid: string, position: number): FeatureEvent => ({
  position: String(position),
  eventId: `ev-${position}`,
  type: 'session',
  occurredAt: clock() - 60_000,
  receivedAt: clock() - 60_000,
  pid,
  consentId: null,
  consentRevision: null,
  data: { seconds: 60 },
})

/** Each was here once, for a minute. */
const VISITED = [visit('ada', 1), visit('bo', 2)]

const VISITS: EventSource = {
  after: async (position, limit) => VISITED.slice(Number(position), Number(position) + limit),
  of: async (pids, types) => VISITED.filter(({ pid, type }) => pids.includes(pid) && types.includes(type)),
  people: async (after, limit) =>
    ['ada', 'bo'].filter((pid) => after === null || pid > after).slice(0, limit),
  newest: async () => String(VISITED.length),
}
