import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  startFeed,
  type FeedConsumerSettings,
  type RunningFeed,
} from '../../subgraphs/identity/changes/feed.ts'
import type { RouteAnswer } from '../../subgraphs/route.ts'
import { type ConsentNetwork, createConsentNetwork } from '../support/consent-network.ts'
import { mergingPeople } from '../support/merging-people.ts'
import { answering, taken, WebhookServer } from '../support/webhook-server.ts'

const TOKEN = 'a token of thirty-two characters.....'
const CRM: FeedConsumerSettings = {
  name: 'crm',
  kind: 'pull',
  slaMs: 1_000,
  url: null,
  from: 'beginning',
  token: TOKEN,
  secrets: [],
}

let network: ConsentNetwork
let people: Awaited<ReturnType<typeof mergingPeople>>
let running: RunningFeed | null
const logged: string[] = []
beforeEach(async () => {
  network = createConsentNetwork()
  people = await mergingPeople(network)
  running = null
  logged.length = 0
})
afterEach(async () => {
  await running?.stop()
  await network.close()
})

const start = async (...consumers: FeedConsumerSettings[]): Promise<RunningFeed> => {
  running = await startFeed({
    ...people,
    consumers,
    operatorToken: TOKEN,
    clock: network.clock,
    log: (_event, sentence) => void logged.push(sentence),
    // As quick as can be without standing still.
    pause: async (ms, signal) => {
      await setTimeout(ms === 30_000 ? ms : Math.min(ms, 5), undefined, { signal }).catch(() => {})
    },
  })
  return running
}

async function ask(
  method: string,
  address: string,
  body = '',
  token = TOKEN,
): Promise<{ status: number; body: never }> {
  const url = new URL(address, 'http://identity.example')
  const route = running!.routes.find((one) => one.method === method && one.path === url.pathname)
  const answer: RouteAnswer = await route!.answer({
    headers: { authorization: `Bearer ${token}` },
    path: url.pathname,
    params: {},
    query: url.searchParams,
    text: body,
  })
  const text = String(answer.body)
  return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as never }
}

const untilTold = async (count: number): Promise<void> => {
  for (let round = 0; (await people.feed.newest()) < String(count); round++) {
    running!.wake()
    if (round > 400) throw new Error('nothing is told')
    await setTimeout(5)
  }
}

describe('A consumer of pids', () => {
  test('is told in order what became of them, and acknowledges', async () => {
    await start(CRM)
    const decision = await people.merge('ada', 'bo')
    await untilTold(1)
    await people.unmerge(decision)
    await untilTold(2)
    const { body } = await ask('GET', '/identity/v1/changes?consumer=crm&limit=1')
    expect(body).toEqual({
      changes: [
        {
          type: 'identity.merged.v1',
          id: decision,
          position: '1',
          decision,
          at: expect.any(String),
          from: ['ada', 'bo'],
          to: ['ada'],
        },
      ],
      position: '1',
      more: true,
    })
    expect(await ask('POST', '/identity/v1/changes/ack?consumer=crm', '{"position":"2"}')).toMatchObject({
      status: 409,
      body: { errors: [{ extensions: { code: 'NEVER_HANDED_OUT' } }] },
    })
    expect(await ask('POST', '/identity/v1/changes/ack?consumer=crm', '{"position":"1"}')).toMatchObject({
      status: 200,
      body: { position: '1' },
    })
    expect((await ask('GET', '/identity/v1/changes?consumer=crm')).body).toMatchObject({
      changes: [{ type: 'identity.unmerged.v1', from: ['ada'], to: ['ada', 'bo'] }],
    })
  })

  test('waits for what comes, and is answered when it does', async () => {
    await start(CRM)
    const waiting = ask('GET', '/identity/v1/changes?consumer=crm&wait=30000')
    await people.merge('ada', 'bo')
    running!.wake()
    expect((await waiting).body).toMatchObject({ changes: [{ type: 'identity.merged.v1' }], position: '1' })
  })

  test.each([
    ['GET', '/identity/v1/changes?consumer=crm', 'the token of somebody else..........'],
    ['GET', '/identity/v1/changes?consumer=erp', TOKEN],
    ['GET', '/identity/v1/changes', TOKEN],
    ['GET', '/metrics', 'the token of somebody else..........'],
  ])('is refused %s %s without its own token', async (method, address, token) => {
    await start(CRM)
    expect(await ask(method, address, '', token)).toMatchObject({ status: 401 })
  })

  test.each([
    ['after=x', 'INVALID_REVISION'],
    ['after=5', 'NEVER_HANDED_OUT'],
    ['limit=0', 'BAD_REQUEST'],
    ['wait=60000', 'BAD_REQUEST'],
    ['wait=soon', 'BAD_REQUEST'],
  ])('is told what is wrong with %s', async (query, code) => {
    await start(CRM)
    const { body } = await ask('GET', `/identity/v1/changes?consumer=crm&${query}`)
    expect(body).toMatchObject({ errors: [{ extensions: { code } }] })
  })

  test('that lags is told of once, and what it has not heard of is not heard by all', async () => {
    await start(CRM)
    const decision = await people.merge('ada', 'bo')
    await untilTold(1)
    network.pass(1_001)
    const late = 'A consumer of pids is later than agreed; pids that were lost are kept for it.'
    while (!logged.includes(late)) await setTimeout(5)
    expect((await ask('GET', '/metrics')).body).toContain('assent_identity_consumer_late{consumer="crm"} 1\n')
    expect(await people.feed.areHeard([decision])).toBe(false)
    await ask('GET', '/identity/v1/changes?consumer=crm')
    await ask('POST', '/identity/v1/changes/ack?consumer=crm', '{"position":"1"}')
    while (!logged.includes('A consumer of pids is no longer late.')) await setTimeout(5)
    expect(logged.filter((sentence) => sentence === late)).toHaveLength(1)
    expect(await people.feed.areHeard([decision])).toBe(true)
  })

  test('with a webhook is posted each change in order, again and again until it takes it', async () => {
    const hook = await WebhookServer.open()
    const down = answering(503)
    hook.answer = (posted, response) => (hook.posted.length < 3 ? down : taken)(posted, response)
    try {
      const secrets = [`whsec_${Buffer.alloc(24, 7).toString('base64')}`]
      await start({ ...CRM, kind: 'webhook', url: hook.url, token: null, secrets })
      const decision = await people.merge('ada', 'bo')
      await untilTold(1)
      await people.unmerge(decision)
      await untilTold(2)
      await hook.reached(4)
      expect(hook.posted.map(({ headers }) => headers['webhook-id'])).toEqual([
        '1-crm',
        '1-crm',
        '1-crm',
        '2-crm',
      ])
      expect(JSON.parse(hook.posted[3]?.body ?? '')).toMatchObject({ from: ['ada'], to: ['ada', 'bo'] })
      while (!(await people.feed.areHeard([decision]))) await setTimeout(5)
    } finally {
      await hook.close()
    }
  })

  test('is not told of a merge that waits, which is counted with how long it has waited', async () => {
    const away = async () => Promise.reject(new Error('Consent does not answer.'))
    people = { ...people, consent: { ...people.consent, link: away } }
    await start(CRM)
    await people.merge('ada', 'bo')
    network.pass(2_000)
    running!.wake()
    const expected = ['assent_identity_merges_pending 1\n', 'assent_identity_merge_pending_seconds 2\n']
    for (;;) {
      const text = String((await ask('GET', '/metrics')).body)
      if (expected.every((line) => text.includes(line))) break
      await setTimeout(5)
      running!.wake()
    }
    expect(await people.feed.newest()).toBe('0')
    expect(logged.filter((sentence) => sentence === 'Merges of people wait for consent.')).toHaveLength(1)
  })
})
