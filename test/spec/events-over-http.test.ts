import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { batchRoute } from '../../subgraphs/events/entrance/batch-route.ts'
import { createIntake } from '../../subgraphs/events/entrance/intake.ts'
import { createRooms, type Rooms } from '../../subgraphs/events/entrance/rooms.ts'
import { createSqlBatchMemory } from '../../subgraphs/events/entrance/sql-batch-memory.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { createPayloadSeal } from '../../subgraphs/events/quarantine/payload-seal.ts'
import { serveEvents } from '../../subgraphs/serve-events.ts'
import { DAY, type EventWorld, eventWorld, line, sent } from '../support/events/event-flow.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'

const TOKEN = 'the token of the shop, long enough'

describe('A batch of events over HTTP', () => {
  let engine: Engine
  let world: EventWorld
  let rooms: Rooms
  let url: string
  let close: () => Promise<void>
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [eventsMigration])
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    world = eventWorld(await sqlEngine(engine))
    await world.says('ada', 'analytics', 'rc-ada')
    rooms = createRooms(100_000)
    const seal = createPayloadSeal(Buffer.alloc(32, 7))
    const app = serveEvents(
      [
        batchRoute({
          intake: createIntake({ flow: world.flow, mostWaiting: 100, together: 10 }),
          rooms,
          digest: (source, bytes) => seal.digest(source, bytes),
          memory: createSqlBatchMemory(engine.database(eventsMigration)),
          tokens: new Map([[TOKEN, 'shop']]),
          mostBytes: 20_000,
          mostEvents: 50,
          clock: () => world.time.now,
        }),
      ],
      { routes: [], token: null },
    )
    url = await app.listen({ host: '127.0.0.1', port: 0 })
    close = () => app.close()
    return close
  })

  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/events/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson', ...headers },
      body,
    })
    return { status: answer.status, headers: answer.headers, said: (await answer.json()) as Said }
  }
  const batch = (...events: readonly unknown[]): string =>
    events.map((event) => JSON.stringify(event)).join('\n')
  const stored = async () => (await world.store.after('0', 100)).map(({ eventId }) => eventId)

  test('is answered when it is stored, each line with what came of it, and the rest goes through', async () => {
    const lines = [
      JSON.stringify(sent()),
      '',
      '{"not json',
      JSON.stringify(sent({ eventId: 'e2', data: {} })),
      JSON.stringify(sent({ eventId: 'e3', data: { sku: 'K-2' } })),
      JSON.stringify(sent()),
    ]
    const { status, said } = await post(lines.join('\n'))
    expect(status).toBe(200)
    expect(said.events.map(({ line: at, outcome, code, place }) => [at, outcome, code, place])).toEqual([
      [1, 'stored', undefined, undefined],
      [3, 'quarantined', 'EVENT_UNREADABLE', null],
      [4, 'quarantined', 'EVENT_BREAKS_CONTRACT', 'data.sku'],
      [5, 'stored', undefined, undefined],
      [6, 'duplicate', undefined, undefined],
    ])
    expect({ ...said, events: undefined }).toEqual({ stored: 2, duplicate: 1, quarantined: 2 })
    expect(await stored()).toEqual(['e1', 'e3'])
    expect((await world.quarantine.list({ limit: 10 })).map(({ code, source }) => [code, source])).toEqual(
      expect.arrayContaining([
        ['EVENT_UNREADABLE', 'shop'],
        ['EVENT_BREAKS_CONTRACT', 'shop'],
      ]),
    )
  })

  test('keeps no address that stands where a pid or a receipt should, nor in the name of a member', async () => {
    const address = 'ada@mail.example'
    const { said } = await post(
      batch(
        sent({ pid: address }),
        sent({ eventId: 'e2', consentId: address }),
        sent({ eventId: 'e3', pid: '491701234567' }),
        sent({ eventId: 'e4', consentId: '491701234567' }),
        sent({ eventId: 'e5', data: { sku: 'K-1', [address]: '\0', '491701234567': '\0' } }),
        sent({ eventId: 'e6', occurredAt: '2026-02-30T10:00:00Z' }),
      ),
    )
    expect(said.events.map(({ code, place }) => [code, place])).toEqual([
      ['EVENT_INVALID', 'pid, or person'],
      ['EVENT_INVALID', 'consentId'],
      ['CONSENT_OF_ANOTHER_PERSON', 'consentId'],
      ['CONSENT_ID_UNKNOWN', 'consentId'],
      ['EVENT_INVALID', 'data.*'],
      ['EVENT_INVALID', 'occurredAt'],
    ])
    await post(batch(sent({ eventId: 'e7', type: 'purchase', consentId: null, pid: '491701234567' })))
    const kept = JSON.stringify(await world.quarantine.list({ limit: 10 }))
    expect((await world.quarantine.list({ limit: 10 })).map(({ hasPayload }) => hasPayload)).not.toContain(
      true,
    )
    expect(kept).not.toMatch(/491701234567|mail\.example/)
  })

  test('may be packed, but not to fill the memory when it is unpacked', async () => {
    const packed = { 'content-encoding': 'gzip' }
    expect((await post(gzipSync(batch(sent())), packed)).said.stored).toBe(1)
    const bomb = gzipSync(Buffer.alloc(5_000_000, ' '))
    expect(bomb.length).toBeLessThan(10_000)
    expect(await post(bomb, packed)).toMatchObject({ status: 413, said: refusal('EVENTS_TOO_MANY') })
    expect(await post('not packed', packed)).toMatchObject({ status: 400, said: refusal('BATCH_UNREADABLE') })
    expect(await post('', { 'content-encoding': 'br' })).toMatchObject({ status: 415 })
    expect(await stored()).toEqual(['e1'])
  })

  test('is refused without the token of a source, as another type, too long, or with too many lines', async () => {
    const wrong = { authorization: 'Bearer of nobody' }
    expect(await post(batch(sent()), wrong)).toMatchObject({ status: 401, said: refusal('TOKEN_REFUSED') })
    const typed = { 'content-type': 'application/json' }
    expect(await post(batch(sent()), typed)).toMatchObject({
      status: 415,
      said: refusal('BATCH_TYPE_UNKNOWN'),
    })
    expect(await post(' '.repeat(20_001))).toMatchObject({ status: 413, said: refusal('EVENTS_TOO_MANY') })
    expect(await post('{}\n'.repeat(51))).toMatchObject({ status: 413, said: refusal('EVENTS_TOO_MANY') })
    expect(await stored()).toEqual([])
    expect(await world.quarantine.list({ limit: 10 })).toEqual([])
  })

  test('with an idempotency key is answered the same again, and for another batch refused', async () => {
    const key = { 'idempotency-key': 'k-1' }
    const first = await post(batch(sent()), key)
    const again = await post(batch(sent()), key)
    expect(again.said).toEqual(first.said)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await post(batch(sent({ eventId: 'e2' })), key)).toMatchObject({
      status: 422,
      said: refusal('IDEMPOTENCY_KEY_REUSED'),
    })
    world.time.now += DAY + 1
    expect((await post(batch(sent({ eventId: 'e2' })), key)).status).toBe(200)
  })

  test('is remembered under its key without a word of what was sent, so a withdrawal has nothing to find there', async () => {
    const key = { 'idempotency-key': 'order-of-ada-krause' }
    const lines = batch(
      sent({ eventId: 'canary-of-ada' }),
      sent({ eventId: 'canary-of-ada-2', data: {} }),
      sent({ eventId: 'canary with blanks' }),
    )
    const first = await post(lines, key)
    const { rows } = await sql<{ kept: string }>`select batch::text as kept from events.batch`.execute(
      engine.admin,
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.kept).toContain('EVENT_BREAKS_CONTRACT')
    expect(rows[0]?.kept).not.toMatch(/canary|krause|K-1|rc-ada|"ada"/)
    expect(rows[0]?.kept).not.toContain(createHash('sha256').update(lines).digest('hex'))
    await world.withdraws('ada', 'analytics')
    const again = await post(lines, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.said).toEqual(first.said)
    expect(again.said.events[0]).toMatchObject({ outcome: 'stored', eventId: 'canary-of-ada' })
  })

  test('waits for nothing when too much waits already, and says when to come again', async () => {
    const room = rooms.reserve(90_000)
    const busy = await post(batch(sent()), { 'content-encoding': 'gzip' })
    expect(busy).toMatchObject({ status: 429, said: refusal('EVENTS_BUSY') })
    expect(busy.headers.get('retry-after')).toBe('1')
    room?.release()
    expect((await post(batch(sent()))).said.stored).toBe(1)
  })

  test('is known to be coming while its body is still being read', async () => {
    const sending = request(`${url}/events/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
    })
    sending.write(batch(sent({ eventId: 'e1' })))
    await vi.waitFor(() => expect(rooms.isTaken()).toBe(true))
    sending.end(`\n${batch(sent({ eventId: 'e2' }))}`)
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    expect(await json(answer)).toMatchObject({ stored: 2 })
    expect(rooms.isTaken()).toBe(false)
  })

  test('is not judged while consent is not known to be current, and not lost', async () => {
    world.time.isCurrent = false
    const unknown = await post(batch(sent()))
    expect(unknown).toMatchObject({ status: 503, said: refusal('CONSENT_NOT_CURRENT') })
    expect(unknown.headers.get('retry-after')).toBe('1')
    world.time.isCurrent = true
    world.away.consent = true
    expect(await post(batch(sent()))).toMatchObject({ status: 503, said: refusal('EVENTS_UNAVAILABLE') })
    world.away.consent = false
    expect(await world.quarantine.list({ limit: 10 })).toEqual([])
    expect((await post(batch(sent()))).said.stored).toBe(1)
  })

  test('is taken but for the line that cannot be judged, which alone is sent again', async () => {
    world.away.receipts.add('rc-strange')
    const strange = sent({ eventId: 'e2', consentId: 'rc-strange' })
    const events = batch(sent(), strange, sent({ eventId: 'e3' }), sent({ eventId: 'e4', data: {} }))
    const key = { 'idempotency-key': 'one-of-four' }
    const first = await post(events, key)
    expect([first.status, first.headers.get('retry-after')]).toEqual([207, '1'])
    expect(first.said).toMatchObject({ stored: 2, duplicate: 0, quarantined: 1, unjudged: 1 })
    expect(first.said.events.map(({ line: at, outcome, code }) => [at, outcome, code])).toEqual([
      [1, 'stored', undefined],
      [2, 'unjudged', 'EVENTS_UNAVAILABLE'],
      [3, 'stored', undefined],
      [4, 'quarantined', 'EVENT_BREAKS_CONTRACT'],
    ])
    expect(await stored()).toEqual(['e1', 'e3'])

    // What was not judged is no answer to be remembered: under the same key it is judged as soon as it can be.
    world.away.receipts.clear()
    await world.says('ada', 'analytics', 'rc-strange')
    const second = await post(events, key)
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([200, null])
    expect(second.said).toMatchObject({ stored: 1, duplicate: 2, quarantined: 1 })
    expect((await post(events, key)).headers.get('idempotent-replayed')).toBe('true')
  })

  test('is coded line by line where a line is oversized, not UTF-8, from the future or of no known type', async () => {
    const lines = [
      line(sent({ data: { sku: 'x'.repeat(5_000) } })),
      Buffer.concat([Buffer.from('{"eventId":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      line(sent({ eventId: 'e3', occurredAt: '2026-05-01T12:05:00.001Z' })),
      line(sent({ eventId: 'e4', type: 'nothing_known' })),
      line(sent({ eventId: 'e5', version: 9 })),
      Buffer.from(JSON.stringify(sent({ eventId: 'e6' })).replace('"K-1"', '"K-1","n":1e999')),
      line(sent({ eventId: 'e7', data: { sku: 'half a character \ud800' } })),
      line(sent({ eventId: 'e8', occurredAt: '2026-05-01T12:05:00.000Z' })),
    ]
    const body = Buffer.concat(lines.flatMap((one) => [one, Buffer.from('\n')]))
    const { said } = await post(new Uint8Array(body))
    expect(said.events.map(({ outcome, code, place }) => code ?? outcome + (place ?? ''))).toEqual([
      'EVENT_TOO_LARGE',
      'EVENT_NOT_UTF8',
      'EVENT_FROM_THE_FUTURE',
      'EVENT_TYPE_UNKNOWN',
      'EVENT_VERSION_UNKNOWN',
      'EVENT_INVALID',
      'EVENT_INVALID',
      'stored',
    ])
    expect(await stored()).toEqual(['e8'])
  })
})

interface Said {
  readonly stored: number
  readonly events: readonly {
    readonly line: number
    readonly eventId: string | null
    readonly outcome: string
    readonly code?: string
    readonly place?: string
  }[]
}

const refusal = (code: string) => ({ errors: [{ extensions: { code } }] })
