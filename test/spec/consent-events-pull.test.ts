import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createMemoryOutbox } from '../../subgraphs/consent/outbox/memory-outbox.ts'
import { type RunningOutbox, startOutbox } from '../../subgraphs/consent/outbox/outbox.ts'
import type { ConsumerSettings } from '../../subgraphs/consent/outbox/settings.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { consentLog } from '../support/consent-log.ts'
import { VirtualTime } from '../support/virtual-time.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const MINUTE = 60_000
const TOKEN = 'the token of the warehouse, long enough'
const OPERATOR = 'the token of who operates the service'

const warehouse: ConsumerSettings = {
  name: 'warehouse',
  kind: 'pull',
  scopes: null,
  url: null,
  slaMs: 5 * MINUTE,
  from: 'beginning',
  token: TOKEN,
  secrets: [],
  stream: '',
}

let time: VirtualTime
let store: ReturnType<typeof createMemoryConsentStore>
let said: ReturnType<typeof consentLog>
let running: RunningOutbox
let app: FastifyInstance
let lines: { readonly sentence: string; readonly event: Readonly<Record<string, unknown>> }[]

beforeEach(async () => {
  time = new VirtualTime(NOON)
  store = createMemoryConsentStore(time.clock)
  said = consentLog(store, time.clock)
  lines = []
})
afterEach(async () => {
  await app.close()
  await running.stop()
})

/** The consent service with the consumers named. */
const serve = async (...consumers: Partial<ConsumerSettings>[]): Promise<void> => {
  running = await startOutbox({
    store,
    outbox: createMemoryOutbox(time.clock),
    consumers: consumers.map((terms) => ({ ...warehouse, ...terms })),
    delivery: {
      attempts: 3,
      firstMs: 1_000,
      longestMs: MINUTE,
      timeoutMs: 5_000,
      concurrency: 4,
      keepDays: 90,
    },
    operatorToken: OPERATOR,
    log: (event, sentence) => lines.push({ event, sentence }),
    clock: time.clock,
    pause: time.pause,
  })
  app = await serveSubgraph({
    ...createConsentSubgraph({ store, clock: time.clock }),
    routes: running.routes,
    name: 'consent',
    grantKey: null,
    clock: time.clock,
  })
}

const ask = async (method: 'GET' | 'POST', path: string, token: string | null, body?: object) => {
  const { statusCode, body: answer } = await app.inject({
    method,
    url: `/consent/v1${path}`,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body && { payload: body }),
  })
  return { status: statusCode, answer: JSON.parse(answer) as never }
}
const pull = async (query = '') => ask('GET', `/consumers/warehouse/changes${query}`, TOKEN)
const acknowledge = async (position: unknown) => ask('POST', '/consumers/warehouse/ack', TOKEN, { position })
const consumers = async () => (await ask('GET', '/consumers', OPERATOR)).answer as { consumers: object[] }

describe('A consumer that fetches', () => {
  test('gets changes oldest first, a page at a time, and goes on behind what it acknowledged', async () => {
    await said('ada', 'analytics', 'given')
    await said('bo', 'analytics', 'given')
    await said('ada', 'analytics', 'withdrawn')
    await serve({})
    expect(await pull('?limit=2')).toMatchObject({
      status: 200,
      answer: {
        changes: [
          { type: 'consent.changed.v1', revision: '1', subject: 'ada', status: 'given' },
          { revision: '2', subject: 'bo', status: 'given' },
        ],
        position: '2',
        more: true,
      },
    })
    expect(await acknowledge('2')).toEqual({ status: 200, answer: { position: '2' } })
    expect(await pull()).toMatchObject({
      answer: { changes: [{ revision: '3', status: 'withdrawn' }], position: '3', more: false },
    })
  })

  test('gets again what it has not acknowledged, under the same revision', async () => {
    await said('ada', 'analytics', 'withdrawn')
    await serve({})
    const first = await pull()
    expect(await pull()).toEqual(first)
    expect((await ask('GET', '/trace/1', OPERATOR)).answer).toMatchObject({
      consumers: [{ name: 'warehouse', state: 'pending', attempts: 2 }],
    })
  })

  test('cannot acknowledge what it was never handed, nor skip it by asking further on', async () => {
    await said('ada', 'analytics', 'given')
    await said('bo', 'analytics', 'given')
    await serve({})
    await pull('?limit=1')
    expect(await acknowledge('2')).toMatchObject({
      status: 409,
      answer: { errors: [{ extensions: { code: 'NEVER_HANDED_OUT' } }] },
    })
    expect(await pull('?after=2')).toMatchObject({ status: 409 })
    expect(await consumers()).toMatchObject({ consumers: [{ position: '0' }] })
  })

  test('moves only forward', async () => {
    await said('ada', 'analytics', 'given')
    await said('bo', 'analytics', 'given')
    await serve({})
    await pull()
    await acknowledge('2')
    expect(await acknowledge('1')).toEqual({ status: 200, answer: { position: '2' } })
  })

  test('passes by what it did not agree on, and still learns how far it has come', async () => {
    for (let times = 0; times < 600; times++)
      await said('ada', 'analytics', times % 2 ? 'given' : 'withdrawn')
    await said('ada', 'crm_contact', 'given')
    await serve({ scopes: ['crm_contact'] })
    expect(await pull()).toMatchObject({
      answer: { changes: [{ revision: '601' }], position: '601', more: false },
    })
  })

  test.each([
    ['a limit of 0', '?limit=0'],
    ['a limit that is no number', '?limit=all'],
    ['a position that is no revision', '?after=last'],
  ])('hears that %s cannot be read', async (_what, query) => {
    await serve({})
    expect(await pull(query)).toMatchObject({ status: 400 })
  })

  test.each([[undefined], [3], ['-1'], ['1e3'], [null]])('hears that %j is no position', async (position) => {
    await serve({})
    expect(await acknowledge(position)).toMatchObject({ status: 400 })
  })

  test.each<[string, 'GET' | 'POST', string, string | null]>([
    ['without a token', 'GET', '/consumers/warehouse/changes', null],
    ['with the token of another one', 'GET', '/consumers/shop/changes', TOKEN],
    ['under a name nobody has', 'GET', '/consumers/nobody/changes', TOKEN],
    ['with the token of the operator', 'POST', '/consumers/warehouse/ack', OPERATOR],
    ['with its own token at what is the operator’s', 'GET', '/consumers', TOKEN],
    ['with its own token at a trace', 'GET', '/trace/1', TOKEN],
  ])('gets nothing %s', async (_what, method, path, token) => {
    await said('ada', 'analytics', 'given')
    await serve({}, { name: 'shop', token: 'the token of the shop, which is another one' })
    expect(await ask(method, path, token)).toEqual({
      status: 401,
      answer: {
        errors: [
          {
            message: 'The token is missing, or not the right one (authorization).',
            extensions: { code: 'TOKEN_REFUSED' },
          },
        ],
      },
    })
  })

  test('of a store that is away hears to come again, and not why', async () => {
    await serve({})
    store.changesAfter = async () => Promise.reject(new Error('password of the database'))
    const { statusCode, headers, body } = await app.inject({
      url: '/consent/v1/consumers/warehouse/changes',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect([statusCode, headers['retry-after']]).toEqual([503, '1'])
    expect(body).not.toContain('password')
  })
})

describe('A consumer that lags', () => {
  test('past what was agreed is told of in the log, in the metrics and in the list, and again when it has caught up', async () => {
    await serve({})
    await said('ada', 'analytics', 'withdrawn')
    await time.pass(5 * MINUTE)
    expect(await consumers()).toMatchObject({
      consumers: [{ name: 'warehouse', state: 'behind', behind: 1 }],
    })
    expect(lines).toEqual([])
    await time.pass(5_000)
    expect(await consumers()).toMatchObject({
      consumers: [{ state: 'late', position: '0', behind: 1, oldestMs: 5 * MINUTE + 5_000 }],
    })
    expect(await metrics()).toContain('assent_consent_consumer_late{consumer="warehouse"} 1\n')
    expect(await metrics()).toContain('assent_consent_consumer_lag_seconds{consumer="warehouse"} 305\n')

    await pull()
    await acknowledge('1')
    await time.pass(5_000)
    expect(await consumers()).toMatchObject({ consumers: [{ state: 'ok', behind: 0, oldestMs: null }] })
    expect(await metrics()).toContain('assent_consent_consumer_late{consumer="warehouse"} 0\n')
    expect(lines.map(({ sentence }) => sentence)).toEqual([
      'A consumer of consent changes is later than agreed.',
      'A consumer of consent changes is no longer late.',
    ])
    expect(lines[0]?.event).toEqual({
      consumer: 'warehouse',
      kind: 'pull',
      position: '0',
      behind: 1,
      oldestMs: 5 * MINUTE + 5_000,
      slaMs: 5 * MINUTE,
    })
  })

  test('is not late for what does not concern it', async () => {
    await serve({ scopes: ['crm_contact'] })
    await said('ada', 'analytics', 'withdrawn')
    await time.pass(10 * MINUTE)
    expect(await consumers()).toMatchObject({ consumers: [{ state: 'ok', behind: 0 }] })
    expect(lines).toEqual([])
  })
})

const metrics = async (): Promise<string> =>
  (await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${OPERATOR}` } })).body

describe('The trace of a change', () => {
  test('tells for each consumer whether it concerns it, when it was handed it and when it took it', async () => {
    await said('ada', 'analytics', 'withdrawn')
    await serve(
      {},
      { name: 'mailer', scopes: ['crm_contact'] },
      { name: 'shop' },
      { name: 'new', from: 'now' },
    )
    await pull()
    time.now += 40
    await acknowledge('1')
    expect((await ask('GET', '/trace/1', OPERATOR)).answer).toMatchObject({
      change: { revision: '1', subject: 'ada', scope: 'analytics', status: 'withdrawn' },
      consumers: [
        { name: 'mailer', state: 'not_concerned', firstAt: null },
        { name: 'new', state: 'before_its_time' },
        { name: 'shop', state: 'waiting', attempts: 0 },
        {
          name: 'warehouse',
          state: 'acknowledged',
          firstAt: '2026-05-01T12:00:00.000Z',
          acknowledgedAt: '2026-05-01T12:00:00.040Z',
        },
      ],
    })
  })

  test('tells after the days that deliveries are kept at least the day', async () => {
    await said('ada', 'analytics', 'withdrawn')
    await serve({})
    await pull()
    await acknowledge('1')
    time.now += 91 * 86_400_000
    await time.pass(5_000)
    expect((await ask('GET', '/trace/1', OPERATOR)).answer).toMatchObject({
      consumers: [{ state: 'acknowledged', attempts: null, acknowledgedAt: null, settledOn: '2026-05-01' }],
    })
  })

  test.each(['2', '0'])('says so when there is no change %s', async (revision) => {
    await said('ada', 'analytics', 'withdrawn')
    await serve({})
    expect(await ask('GET', `/trace/${revision}`, OPERATOR)).toMatchObject({ status: 404 })
  })
})
