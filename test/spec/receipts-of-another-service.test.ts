import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { receiptsElsewhere } from '../../subgraphs/consent-elsewhere.ts'
import { peerKeysOf, NO_IDENTITY_FEED } from '../../subgraphs/open-identity-feed.ts'
import { saidAtToldBy } from '../../subgraphs/open-ownership.ts'
import { viewElsewhere } from '../../subgraphs/open-standing.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
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

test('an answer that is not understood to the letter is none', async () => {
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
          body: JSON.stringify({
            receipts: [['rc', 'ada', 'analytics', 'given', 'today', null, '1']],
            people: [],
          }),
        }),
      },
    ],
  })
  opened.push(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const receipts = receiptsElsewhere({ url: `${url}/graphql`, key: KEY, clock })
  await expect(receipts.basis(['rc'])).rejects.toThrow('not understood')
})

test('when a word was taken is told to who keeps profiles', async () => {
  const view = viewElsewhere({ consentElsewhere: { url: await open(), key: KEY } }, clock)
  const saidAt = saidAtToldBy(view!)
  expect(await saidAt('0')).toBeNull()
  expect((await saidAt('2'))?.recordedAt).toBeGreaterThan(YES.at)
  expect(await saidAt('3')).toBeNull()
  expect(viewElsewhere({}, clock)).toBeNull()
})
