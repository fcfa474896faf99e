import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { ConsumerTerms } from '../../subgraphs/consent/outbox/consumer.ts'
import { type Deliverer, startDeliverer } from '../../subgraphs/consent/outbox/deliverer.ts'
import { createMemoryOutbox } from '../../subgraphs/consent/outbox/memory-outbox.ts'
import { createWebhookSender } from '../../subgraphs/delivery/webhook-sender.ts'
import { consentLog } from '../support/consent-log.ts'
import { VirtualTime } from '../support/virtual-time.ts'
import { answering, hanging, hangingUp, taken, WebhookServer } from '../support/webhook-server.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, so').toString('base64')}`
const LONG_AGO = `whsec_${Buffer.from('the secret before, also 32 bytes').toString('base64')}`
const retry = { attempts: 4, firstMs: 1_000, longestMs: 60_000 }

let time: VirtualTime
let crm: WebhookServer
let store: ReturnType<typeof createMemoryConsentStore>
let outbox: ReturnType<typeof createMemoryOutbox>
let said: ReturnType<typeof consentLog>
let lines: { readonly sentence: string; readonly event: Readonly<Record<string, unknown>> }[]
let timeoutMs: number
const running = new Set<Deliverer>()

beforeEach(async () => {
  time = new VirtualTime(NOON)
  crm = await WebhookServer.open()
  store = createMemoryConsentStore(time.clock)
  outbox = createMemoryOutbox(time.clock)
  said = consentLog(store, time.clock)
  lines = []
  timeoutMs = 5_000
})
afterEach(async () => {
  for (const deliverer of running) await deliverer.stop()
  running.clear()
  await crm.close()
})

/** A replica of the consent service that delivers to the webhook `crm`. */
const deliver = async (holder = 'replica-1', terms: Partial<ConsumerTerms> = {}): Promise<Deliverer> => {
  const crmTerms = {
    name: 'crm',
    kind: 'webhook',
    scopes: null,
    url: crm.url,
    slaMs: 300_000,
    ...terms,
  } as const
  await outbox.configure([{ ...crmTerms, start: '0' }])
  const sender = createWebhookSender({
    url: crm.url,
    secrets: [SECRET, LONG_AGO],
    timeoutMs,
    clock: time.clock,
  })
  const deliverer = startDeliverer({
    terms: crmTerms,
    sender,
    store,
    outbox,
    holder,
    retry,
    concurrency: 4,
    leaseMs: 30_000,
    pollMs: 1_000,
    clock: time.clock,
    random: () => 1,
    pause: time.pause,
    log: (event, sentence) => lines.push({ event, sentence }),
  })
  running.add(deliverer)
  await time.idle()
  return deliverer
}

const stateOf = async (revision: string) => (await outbox.deliveries(revision))[0]
const position = async () => (await outbox.consumers())[0]?.position

describe('A webhook', () => {
  test('is posted each change once, and the position moves behind what it took', async () => {
    await said('ada', 'analytics', 'given')
    await deliver()
    await said('bo', 'analytics', 'refused')
    await time.pass(0)
    expect(crm.told).toEqual(['1 ada', '2 bo'])
    expect(await position()).toBe('2')
    expect(await stateOf('2')).toMatchObject({ state: 'acknowledged', attempts: 1, acknowledgedAt: NOON })
  })

  test('is told no more than it needs', async () => {
    const where = { channel: 'web', region: 'DE', brand: 'north' }
    const circumstances = { actor: 'ada', surface: '/preferences', proof: 'a signed submission' }
    await said('ada', 'analytics', 'withdrawn', { ...where, ...circumstances })
    await deliver()
    expect(JSON.parse(crm.posted[0]?.body ?? '')).toEqual({
      type: 'consent.changed.v1',
      revision: '1',
      subject: 'ada',
      scope: 'analytics',
      status: 'withdrawn',
      blocked: null,
      at: '2026-05-01T12:00:00.000Z',
      ...where,
      surface: '/preferences',
      initiator: 'person',
    })
  })

  test('can prove who posted it, with the secret of today and the one before', async () => {
    await said('ada', 'analytics', 'given')
    await deliver()
    const { headers = {}, body = '' } = crm.posted[0] ?? {}
    expect(headers).toMatchObject({ 'webhook-id': '1-crm', 'webhook-timestamp': String(NOON / 1000) })
    const signed = `1-crm.${NOON / 1000}.${body}`
    const signatures = [SECRET, LONG_AGO].map((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(signatures.join(' '))
  })

  test('that agreed on one scope hears of no other, but of what concerns the whole person', async () => {
    await said('ada', 'analytics', 'given')
    await said('ada', 'crm_contact', 'given')
    await store.mark('bo', 'erased', NOON)
    await said('cyd', 'analytics', 'given')
    await deliver('replica-1', { scopes: ['crm_contact'] })
    expect(crm.told).toEqual(['2 ada', '3 bo'])
    expect(await position()).toBe('4')
  })

  test.each<[string, Parameters<typeof answering>, string]>([
    ['500', [500], 'HTTP_500'],
    ['404', [404], 'HTTP_404'],
    [
      'a login page with status 200',
      [200, { 'content-type': 'text/html' }, '<h1>Log in</h1>'],
      'NOT_AN_ACKNOWLEDGEMENT',
    ],
    ['a redirect to a metadata service', [307, { location: 'http://169.254.169.254/latest' }], 'REDIRECTED'],
  ])('that answers %s has not taken it, and is asked again', async (_what, answer, reason) => {
    crm.answer = answering(...answer)
    await said('ada', 'analytics', 'withdrawn')
    await deliver()
    expect(await stateOf('1')).toMatchObject({ state: 'pending', attempts: 1, reason, nextAt: NOON + 1_000 })
    expect(await position()).toBe('0')
    crm.answer = taken
    await time.pass(1_000)
    expect(crm.posted.map(({ headers }) => headers['webhook-id'])).toEqual(['1-crm', '1-crm'])
    expect(await stateOf('1')).toMatchObject({
      state: 'acknowledged',
      attempts: 2,
      firstAt: NOON,
      reason: null,
    })
  })

  test('that hangs has not taken it', async () => {
    timeoutMs = 50
    crm.answer = hanging
    await said('ada', 'analytics', 'withdrawn')
    await deliver()
    expect(await stateOf('1')).toMatchObject({ state: 'pending', reason: 'TIMEOUT' })
  })

  test('that hangs up has not taken it', async () => {
    crm.answer = hangingUp
    await said('ada', 'analytics', 'withdrawn')
    await deliver()
    expect(await stateOf('1')).toMatchObject({ state: 'pending', reason: 'UNREACHABLE' })
  })

  test('is given the patience it asks for', async () => {
    crm.answer = answering(503, { 'retry-after': '30' })
    await said('ada', 'analytics', 'given')
    await deliver()
    crm.answer = taken
    await said('bo', 'analytics', 'given')
    await time.pass(29_000)
    expect(crm.told).toEqual(['1 ada'])
    await time.pass(1_000)
    expect(crm.told).toEqual(['1 ada', '1 ada', '2 bo'])
  })

  test('is asked ever more rarely, and what it never took is escalated: visible, and not dropped', async () => {
    crm.answer = ({ event }, response) => void response.writeHead(event.subject === 'ada' ? 500 : 204).end()
    await said('ada', 'analytics', 'withdrawn')
    await said('bo', 'analytics', 'withdrawn')
    const deliverer = await deliver()
    await time.pass(1_000 + 2_000 + 4_000)
    expect(crm.told.filter((line) => line === '1 ada')).toHaveLength(4)
    expect(await stateOf('1')).toMatchObject({ state: 'escalated', attempts: 4, reason: 'HTTP_500' })
    expect(await position()).toBe('2')
    expect((await outbox.consumers())[0]).toMatchObject({ escalated: 1 })
    expect(lines).toEqual([
      {
        event: { consumer: 'crm', revision: '1', reason: 'HTTP_500' },
        sentence: 'A change of consent could not be delivered and is escalated.',
      },
    ])

    crm.answer = taken
    expect(await outbox.redeliver('crm', null, time.now)).toBe(1)
    deliverer.wake()
    await time.pass(1_000)
    expect(await stateOf('1')).toMatchObject({ state: 'acknowledged' })
    expect((await outbox.consumers())[0]).toMatchObject({ escalated: 0, position: '2' })
  })

  test('hears no more of what somebody said before they were erased, but of the erasure', async () => {
    crm.answer = answering(500)
    await said('ada', 'analytics', 'withdrawn')
    await deliver()
    crm.answer = taken
    await store.mark('ada', 'erased', NOON)
    await time.pass(60_000)
    expect(crm.told).toEqual(['1 ada', '2 ada'])
    expect(crm.posted[1]?.event).toMatchObject({ scope: null, status: null, blocked: 'erased' })
    expect(await stateOf('1')).toMatchObject({ state: 'void' })
    expect((await outbox.consumers())[0]).toMatchObject({ position: '2', retrying: 0 })
  })

  test('hears of one person in order: what comes later waits, and other people do not', async () => {
    crm.answer = ({ event }, response) => void response.writeHead(event.revision === '1' ? 500 : 204).end()
    await said('ada', 'analytics', 'given')
    await said('ada', 'analytics', 'withdrawn')
    await said('bo', 'analytics', 'given')
    await deliver()
    expect(crm.told).toEqual(['1 ada', '3 bo'])
    expect(await position()).toBe('0')
    crm.answer = taken
    await time.pass(1_000)
    expect(crm.told).toEqual(['1 ada', '3 bo', '1 ada', '2 ada'])
    expect(await position()).toBe('3')
  })

  test('that is down is asked by one delivery at a time, and the others keep their attempts', async () => {
    crm.answer = answering(502)
    for (let person = 1; person <= 9; person++) await said(`person-${person}`, 'analytics', 'given')
    await deliver()
    expect(crm.posted).toHaveLength(8)
    await time.pass(1_000)
    expect(crm.posted).toHaveLength(9)
    crm.answer = taken
    await time.pass(60_000)
    expect(await position()).toBe('9')
    expect((await outbox.consumers())[0]).toMatchObject({ escalated: 0, retrying: 0 })
  })

  test('that says it is gone (410) is left alone until somebody resumes it, and then has missed nothing', async () => {
    crm.answer = answering(410)
    await said('ada', 'analytics', 'withdrawn')
    const deliverer = await deliver()
    await said('bo', 'analytics', 'withdrawn')
    await time.pass(3_600_000)
    expect(crm.told).toEqual(['1 ada'])
    expect((await outbox.consumers())[0]).toMatchObject({ status: 'gone', position: '0' })
    crm.answer = taken
    await outbox.setStatus('crm', 'active')
    deliverer.wake()
    await time.pass(1_000)
    expect(crm.told).toEqual(['1 ada', '1 ada', '2 bo'])
  })
})
