import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EventDesk, openEventDesk, secretOf, signedHeaders } from '../support/events/event-desk.ts'
import { type EventWorld, eventWorld, line, MINUTE, NOON, sent } from '../support/events/event-flow.ts'

const [OLD, NEW, OTHERS] = [secretOf('o'), secretOf('n'), secretOf('x')]

describe('A webhook', () => {
  let world: EventWorld
  let desk: EventDesk
  beforeEach(async () => {
    world = eventWorld()
    await world.says('ada', 'analytics', 'rc-ada')
    desk = await openEventDesk(
      world,
      new Map([
        ['crm', [NEW, OLD]],
        ['mail', [OTHERS]],
        ['silent', []],
      ]),
    )
  })
  afterEach(() => desk.close())

  const { eventId: _, ...UNNAMED } = sent()
  interface Sent {
    readonly source?: string
    readonly id?: string
    readonly at?: number
    readonly secrets?: readonly string[]
    readonly event?: object
    readonly body?: string
    /** What the signature is of. */
    readonly signed?: string
    readonly more?: Record<string, string>
  }
  const deliver = async ({
    source = 'crm',
    id = 'msg_1',
    at = NOON,
    secrets = [NEW],
    event = UNNAMED,
    ...rest
  }: Sent = {}) => {
    const { body = JSON.stringify(event), signed = body, more = {} } = rest
    const headers = { ...signedHeaders({ id, at, body: signed, secrets }), ...more }
    const answer = await fetch(`${desk.url}/events/v1/webhooks/${source}`, { method: 'POST', headers, body })
    return { status: answer.status, said: await answer.json() }
  }
  const stored = async () =>
    (await world.store.after('0', 100)).map(({ source, eventId }) => [source, eventId])
  const REFUSED = {
    status: 401,
    said: { errors: [{ extensions: { code: 'WEBHOOK_SIGNATURE_REFUSED' } }] },
  }

  test('is one event, called as its delivery where it has no name, and stored once however often it is tried', async () => {
    expect(await deliver()).toMatchObject({ status: 200, said: { outcome: 'stored', eventId: 'msg_1' } })
    expect(await deliver()).toMatchObject({ status: 200, said: { outcome: 'duplicate', eventId: 'msg_1' } })
    expect(await deliver({ id: 'msg_2', event: sent({ eventId: 'named' }) })).toMatchObject({
      said: { outcome: 'stored', eventId: 'named' },
    })
    expect(await stored()).toEqual([
      ['crm', 'msg_1'],
      ['crm', 'named'],
    ])
  })

  test('is taken with either secret while one is changed, and with the older one no more when it is gone', async () => {
    expect((await deliver({ id: 'msg_1', secrets: [OLD] })).status).toBe(200)
    expect((await deliver({ id: 'msg_2', secrets: [NEW] })).status).toBe(200)
    expect((await deliver({ id: 'msg_3', secrets: [OTHERS, NEW] })).status).toBe(200)
    await desk.close()
    desk = await openEventDesk(world, new Map([['crm', [NEW]]]))
    expect(await deliver({ id: 'msg_4', secrets: [OLD] })).toMatchObject(REFUSED)
    expect((await deliver({ id: 'msg_4', secrets: [NEW] })).status).toBe(200)
  })

  test.each([
    ['of a source nobody knows', { source: 'nobody' }],
    ['of a source that signs nothing', { source: 'silent' }],
    ['signed by another source', { secrets: [OTHERS] }],
    ['sent to another source than it was signed for', { source: 'mail' }],
    ['whose body is another one', { signed: JSON.stringify(sent({ pid: 'bo' })) }],
    ['whose id was changed', { more: { 'webhook-id': 'msg_2' } }],
    ['whose time was changed', { more: { 'webhook-timestamp': String(NOON / 1_000 - 1) } }],
    ['without a signature', { more: { 'webhook-signature': '' } }],
    ['signed in a way that is none', { more: { 'webhook-signature': 'v1,AAAA v2,BBBB' } }],
    ['five minutes old', { at: NOON - 5 * MINUTE - 1_000 }],
    ['five minutes ahead', { at: NOON + 5 * MINUTE + 1_000 }],
    ['of no time', { more: { 'webhook-timestamp': 'NaN' } }],
  ])('%s is refused, all in the same words, and nothing is kept of it', async (_case, delivery) => {
    expect(await deliver(delivery)).toMatchObject(REFUSED)
    expect(await stored()).toEqual([])
    expect(await world.quarantine.list({ limit: 10 })).toEqual([])
  })

  test('is taken up to five minutes late', async () => {
    expect((await deliver({ at: NOON - 5 * MINUTE })).status).toBe(200)
  })

  test('that somebody has heard and sends again changes nothing', async () => {
    await deliver()
    world.time.now += 4 * MINUTE
    expect(await deliver()).toMatchObject({ said: { outcome: 'duplicate' } })
    world.time.now += 2 * MINUTE
    expect(await deliver()).toMatchObject(REFUSED)
    expect(await stored()).toHaveLength(1)
  })

  test('that breaks its contract is taken into quarantine: trying again would not mend it', async () => {
    expect(await deliver({ event: { ...UNNAMED, data: {} } })).toMatchObject({
      status: 202,
      said: { outcome: 'quarantined', code: 'EVENT_BREAKS_CONTRACT', place: 'data.sku' },
    })
    expect(await world.quarantine.list({ limit: 10 })).toMatchObject([
      { source: 'crm', code: 'EVENT_BREAKS_CONTRACT', envelope: { eventId: 'msg_1' } },
    ])
  })

  test('larger than an event may be is not read to its end', async () => {
    const body = JSON.stringify({ ...UNNAMED, data: { sku: 'x'.repeat(5_000) } })
    expect(await deliver({ body })).toMatchObject({
      status: 413,
      said: { errors: [{ extensions: { code: 'EVENTS_TOO_MANY' } }] },
    })
  })

  test('that is not signed and never ends keeps webhooks waiting, and batches not', async () => {
    const slow = ['a', 'b', 'c'].map((id) => {
      const headers = {
        ...signedHeaders({ id, at: NOON, body: '', secrets: [OTHERS] }),
        'content-length': '4000',
      }
      const sending = request(`${desk.url}/events/v1/webhooks/crm`, { method: 'POST', headers })
      sending.on('error', () => {})
      sending.write('{')
      return sending
    })
    // Two of them fill the rooms of webhooks; the third, and every later one, is turned away.
    await expect
      .poll(() => {
        const room = desk.webhookRooms.reserve(4_096)
        room?.release()
        return room
      })
      .toBeNull()
    expect(await deliver({ id: 'msg_9' })).toMatchObject({
      status: 429,
      said: { errors: [{ extensions: { code: 'EVENTS_BUSY' } }] },
    })
    expect(await desk.send(line(sent()))).toMatchObject({ status: 200, said: { stored: 1 } })
    for (const sending of slow) sending.destroy()
    await expect.poll(async () => (await deliver({ id: 'msg_9' })).status).toBe(200)
  })
})
