import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { receiptsElsewhere } from '../../subgraphs/consent-elsewhere.ts'
import { peerKeysOf, NO_IDENTITY_FEED } from '../../subgraphs/open-identity-feed.ts'
import { saidAtToldBy } from '../../subgraphs/open-ownership.ts'
import { viewElsewhere } from '../../subgraphs/open-standing.ts'
import { rememberingReceipts } from '../../subgraphs/events/remembering-receipts.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { toldConsentView } from '../../subgraphs/standing/told-consent-view.ts'
import { DAY, eventWorld, memoryEngine, NOON, sent, take } from '../support/events/event-flow.ts'
import { firstReceipt, successor } from '../support/receipts.ts'

const KEY = 'the key of those who keep rows that rest on consent'
const clock = Date.now
const YES = firstReceipt('ada')

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function open() {
  const store = createMemoryConsentStore(clock)
  await store.append([YES, successor(YES, 'withdrawn')])
  const app = await serveSubgraph({
    ...createConsentSubgraph({ store, clock }),
    name: 'consent',
    grantKey: 'the key of the gateway',
    peerKeys: peerKeysOf(NO_IDENTITY_FEED, KEY),
    clock,
  })
  opened.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`
}

test('what events rest on is asked of it, thousands in parts, and what is not there is missing', async () => {
  const receipts = receiptsElsewhere({ url: await open(), key: KEY, clock })
  const asked = [YES.consentId, ...Array.from({ length: 6_000 }, (_, n) => `nobody/${n}`)]
  expect([...(await receipts.basis(asked))]).toEqual([
    [
      YES.consentId,
      { subject: 'ada', scope: 'analytics', status: 'given', at: YES.at, expiresAt: null, revision: '1' },
    ],
  ])
  expect(await receipts.samePeople(['ada'])).toEqual(new Map())
})

test('nothing is answered to who does not share the key, the gateway among them', async () => {
  const url = await open()
  for (const key of ['another key', 'the key of the gateway'])
    await expect(receiptsElsewhere({ url, key, clock }).basis([YES.consentId])).rejects.toThrow('403')
})

/** A consent service of another maker, which answers everything of receipts so. */
async function openOther(answer: object) {
  const app = await serveSubgraph({
    name: 'consent',
    sdl: `extend schema @link(url: "https://assent.example/consent/v1.0") type Query { nothing: Int }`,
    resolvers: {},
    grantKey: null,
    clock,
    routes: [
      {
        method: 'POST',
        path: '/consent/v1/receipts',
        answer: async () => ({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(answer),
        }),
      },
    ],
  })
  opened.push(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return receiptsElsewhere({ url: `${url}/graphql`, key: KEY, clock })
}

test.each([
  ['without people', { receipts: [] }],
  ['with something in place of receipts', { receipts: {}, people: [] }],
  ['of a receipt without a name', { receipts: [[7, 'ada']], people: [] }],
])('an answer %s is none', async (_, answer) => {
  const receipts = await openOther(answer)
  await expect(receipts.basis(['rc'])).rejects.toThrow('not understood')
})

const GOOD = ['rc-ada', 'ada', 'analytics', 'given', NOON - DAY, null, '1']

test('one receipt that is answered ill is not known, and nothing else is kept from being judged by it', async () => {
  const ill = (id: string, at: unknown) => [id, 'ada', 'analytics', 'given', at, null, '1']
  const twice = ill('rc-twice', 1)
  const receipts = await openOther({
    receipts: [ill('rc-ill', 'today'), GOOD, twice, twice, ill('nobody asked', 1)],
    people: [
      ['ada', ['ada', 'bo']],
      ['cyd', 'dee'],
    ],
  })
  const basis = await receipts.basis(['rc-ill', 'rc-ada', 'rc-twice', 'rc-none'])
  expect([...basis].map(([id, told]) => [id, told?.revision ?? null])).toEqual([
    ['rc-ill', null],
    ['rc-ada', '1'],
    ['rc-twice', null],
  ])
  expect([...(await receipts.samePeople(['ada', 'cyd']))]).toEqual([
    ['ada', new Set(['ada', 'bo'])],
    ['cyd', null],
  ])
})

test('an event whose receipt is answered ill waits in quarantine with its reason, and the others are stored', async () => {
  const told = { receipts: [['rc-ill', 'ada', 'analytics', 'given', null, null, '1'], GOOD], people: [] }
  const receipts = rememberingReceipts(await openOther(told), 10)
  const world = eventWorld(memoryEngine(), (parts) => ({ ...parts, receipts }))
  await world.says('ada', 'analytics', 'rc-ada')
  const both = () =>
    take(world.flow, sent({ eventId: 'ill', consentId: 'rc-ill' }), sent({ consentId: 'rc-ada' }))
  expect((await both()).map(({ outcome }) => outcome)).toEqual(['quarantined', 'stored'])
  const [kept] = await world.quarantine.list({ limit: 10 })
  expect([kept?.code, kept?.place, kept?.hasPayload]).toEqual(['CONSENT_NOT_UNDERSTOOD', 'consentId', false])
  // It is asked about again, and sent again it is stored.
  told.receipts[0] = GOOD.with(0, 'rc-ill')
  expect((await both()).map(({ outcome }) => outcome)).toEqual(['stored', 'duplicate'])
})

test('who is one person with whom is not guessed where that is answered ill', async () => {
  const { basis } = await openOther({ receipts: [GOOD], people: [] })
  const { samePeople } = await openOther({ receipts: [], people: [['ada', 'bo']] })
  const world = eventWorld(memoryEngine(), (parts) => ({ ...parts, receipts: { basis, samePeople } }))
  await world.says('ada', 'analytics', 'rc-ada')
  const [outcome] = await take(world.flow, sent({ pid: 'bo', consentId: 'rc-ada' }))
  expect(outcome).toMatchObject({ outcome: 'quarantined', fault: { code: 'CONSENT_NOT_UNDERSTOOD' } })
  expect((await world.quarantine.list({ limit: 10 })).map(({ hasPayload }) => hasPayload)).toEqual([false])
})

test('when a word was taken is asked for that word alone, and once', async () => {
  const asked: unknown[] = []
  const saidAt = saidAtToldBy(
    toldConsentView(async (_, input) => {
      asked.push(input)
      const { after } = input as { after: string }
      const revision = String(Number(after) + 1)
      const change = { revision, subject: 'ada', concerned: [], scope: 'analytics', everywhere: true }
      const word = { ...change, status: 'given', recordedAt: NOON, expiresAt: null, link: null }
      return { newest: '7', upTo: '7', isWhole: false, changes: revision === '8' ? [] : [word] }
    }),
  )
  expect([await saidAt('7'), await saidAt('7')]).toEqual([
    { at: NOON, recordedAt: NOON },
    { at: NOON, recordedAt: NOON },
  ])
  expect(asked).toEqual([{ after: '6', limit: 1 }])
  // What is not there yet may be there the next time.
  expect([await saidAt('8'), await saidAt('8')]).toEqual([null, null])
  expect(asked).toHaveLength(3)
})

test('when a word was taken is told to who keeps profiles', async () => {
  const view = viewElsewhere({ consentElsewhere: { url: await open(), key: KEY } }, clock)
  const saidAt = saidAtToldBy(view!)
  expect(await saidAt('0')).toBeNull()
  expect((await saidAt('2'))?.recordedAt).toBeGreaterThan(YES.at)
  expect(await saidAt('3')).toBeNull()
  expect(viewElsewhere({}, clock)).toBeNull()
})
