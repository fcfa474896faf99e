import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EventDesk, openEventDesk, OPERATOR } from '../support/events/event-desk.ts'
import { type EventWorld, eventWorld, line, MINUTE, sent, take } from '../support/events/event-flow.ts'

describe('The desk of quarantine', () => {
  let world: EventWorld
  let desk: EventDesk
  beforeEach(async () => {
    world = eventWorld()
    await world.says('ada', 'analytics', 'rc-ada')
    desk = await openEventDesk(world)
  })
  afterEach(() => desk.close())

  const BROKEN = sent({ eventId: 'broken', data: { product: 'K-1' } })
  const mend = (): void => {
    const before = world.contracts.get('page_view/1')
    if (before !== undefined)
      world.contracts.set('page_view/1', {
        ...before,
        fault: (data) => ('sku' in (data as object) || 'product' in (data as object) ? null : 'data.sku'),
      })
  }
  const idOf = async (code?: string): Promise<string> =>
    (await world.quarantine.list({ limit: 10, ...(code !== undefined && { code }) }))[0]?.id ?? ''
  const stored = async () => (await world.store.after('0', 2_000)).map(({ eventId }) => eventId)

  test('lists what waits with its reason and remedy, by code, source and type, and never with data', async () => {
    await take(world.flow, BROKEN, sent({ eventId: 'odd', type: 'unheard_of' }), Buffer.from('{'))
    const { status, said } = await desk.ask('GET', '')
    expect(status).toBe(200)
    expect(said.failures).toHaveLength(3)
    expect(said.waiting).toContainEqual(expect.objectContaining({ code: 'EVENT_BREAKS_CONTRACT', count: 1 }))
    const { said: one } = await desk.ask('GET', '?code=EVENT_BREAKS_CONTRACT')
    expect(one.failures).toMatchObject([
      {
        code: 'EVENT_BREAKS_CONTRACT',
        stage: 'contract',
        place: 'data.sku',
        source: 'shop',
        state: 'waiting',
        attempts: 1,
        hasPayload: true,
        message: expect.stringContaining('data.sku'),
        remedy: expect.stringContaining('mend the contract'),
        envelope: { type: 'page_view', eventId: 'broken' },
      },
    ])
    expect((await desk.ask('GET', '?type=unheard_of')).said.failures).toHaveLength(1)
    expect((await desk.ask('GET', '?source=crm')).said.failures).toEqual([])
    expect(JSON.stringify(said)).not.toContain('K-1')
    expect((await desk.ask('GET', '?limit=0')).status).toBe(400)
    expect((await desk.ask('GET', '?state=lost')).status).toBe(400)
  })

  test('shows the data of one, as long as consent stands', async () => {
    await take(world.flow, BROKEN)
    const id = await idOf()
    expect((await desk.ask('GET', `/${id}`)).said).toMatchObject({ id, data: { product: 'K-1' } })
    await world.withdraws('ada', 'analytics')
    expect((await desk.ask('GET', `/${id}`)).said).toMatchObject({ id, data: null })
    expect(await desk.ask('GET', '/nothing')).toMatchObject({
      status: 404,
      said: { errors: [{ extensions: { code: 'QUARANTINE_UNKNOWN' } }] },
    })
  })

  test('replays what waited once its contract is mended, and again without harm', async () => {
    await take(world.flow, BROKEN)
    const id = await idOf()
    const failed = await desk.ask('POST', '/replay', { ids: [id] })
    expect(failed.said.replayed).toMatchObject([
      { id, outcome: 'quarantined', code: 'EVENT_BREAKS_CONTRACT' },
    ])
    expect((await world.quarantine.list({ limit: 10 }))[0]).toMatchObject({
      id,
      state: 'waiting',
      attempts: 2,
    })
    mend()
    expect((await desk.ask('POST', '/replay', { ids: [id] })).said.replayed).toMatchObject([
      { id, outcome: 'stored' },
    ])
    expect(await stored()).toEqual(['broken'])
    expect((await desk.ask('POST', '/replay', { ids: [id] })).said.replayed).toEqual([])
    expect((await desk.ask('GET', '?state=replayed')).said.failures).toMatchObject([
      { id, hasPayload: false },
    ])
    // Who sends the same again meanwhile is answered that it is there.
    expect(await take(world.flow, BROKEN)).toMatchObject([{ outcome: 'duplicate' }])
  })

  test('brings nothing back that was withdrawn meanwhile, not even when consent is given again', async () => {
    await take(world.flow, BROKEN)
    const id = await idOf()
    mend()
    await world.withdraws('ada', 'analytics')
    expect((await desk.ask('POST', '/replay', { ids: [id] })).said.replayed).toEqual([
      { id, outcome: 'without_payload' },
    ])
    await world.says('ada', 'analytics', 'rc-ada-2')
    expect((await desk.ask('POST', '/replay', { all: true })).said).toMatchObject({
      stored: 0,
      without_payload: 1,
    })
    expect(await stored()).toEqual([])
  })

  test('replays everything in parts, each behind the last, and ends though it fails again', async () => {
    const events = Array.from({ length: 45 }, (_, at) => ({ ...BROKEN, eventId: `broken-${at}` }))
    await take(world.flow, ...events)
    expect((await desk.ask('POST', '/replay', { all: true })).said).toEqual({
      stored: 0,
      duplicate: 0,
      quarantined: 45,
      without_payload: 0,
    })
    mend()
    expect((await desk.ask('POST', '/replay', { all: true, type: 'purchase' })).said.stored).toBe(0)
    expect(
      (await desk.ask('POST', '/replay', { all: true, code: 'EVENT_BREAKS_CONTRACT' })).said.stored,
    ).toBe(45)
    expect(await stored()).toHaveLength(45)
  })

  test('a replay of everything ends, and says where to go on, while a source fails on and on beside it', async () => {
    let tried = 0
    const list = async () => {
      tried += 1
      const [one] = await world.quarantine.list({ limit: 1 })
      return Array.from({ length: 500 }, (_, at) => ({
        ...one,
        id: `${tried}-${at}`,
        firstAt: world.time.now,
      }))
    }
    await take(world.flow, BROKEN)
    await desk.close()
    desk = await openEventDesk({
      ...world,
      quarantine: { ...world.quarantine, list } as never,
      flow: { ...world.flow, replay: async () => [] },
    })
    const { said } = await desk.ask('POST', '/replay', { all: true })
    expect(tried).toBe(20)
    expect(said.after).toBe('20-499')
  })

  test('does not try what failed after it began', async () => {
    await take(world.flow, BROKEN)
    world.time.now += MINUTE
    await take(world.flow, { ...BROKEN, eventId: 'later' })
    world.time.now -= MINUTE
    expect((await desk.ask('POST', '/replay', { all: true })).said.quarantined).toBe(1)
  })

  test('discards what is given up: the payload is gone, and the reason stays', async () => {
    await take(world.flow, BROKEN)
    const id = await idOf()
    expect((await desk.ask('POST', '/discard', { ids: [id, 'nothing'] })).said).toEqual({ discarded: 1 })
    mend()
    expect((await desk.ask('POST', '/replay', { ids: [id] })).said.replayed).toEqual([])
    expect((await desk.ask('GET', '?state=discarded')).said.failures).toMatchObject([
      { id, code: 'EVENT_BREAKS_CONTRACT', hasPayload: false },
    ])
    expect(await stored()).toEqual([])
  })

  test.each([{}, { ids: [] }, { ids: ['a', 1] }, { all: 'yes' }, { ids: Array(501).fill('a') }])(
    'asked for what cannot be meant does nothing (%#)',
    async (body) => {
      await take(world.flow, BROKEN)
      mend()
      expect((await desk.ask('POST', '/replay', body)).status).toBe(400)
      expect((await desk.ask('POST', '/discard', body)).status).toBe(400)
      expect(await stored()).toEqual([])
    },
  )

  test('is the operator’s alone, and reads no body of anybody else', async () => {
    await take(world.flow, BROKEN)
    const body = JSON.stringify({ all: true })
    for (const authorization of ['', 'Bearer of nobody', `Basic ${OPERATOR}`]) {
      const headers = { authorization, 'content-type': 'application/json' }
      const answer = await fetch(`${desk.url}/events/v1/quarantine/replay`, { method: 'POST', headers, body })
      expect(answer.status).toBe(401)
    }
    // The answer is there though the body never ends, and the connection is not kept.
    const headers = { authorization: 'Bearer of nobody', 'content-length': '1000000' }
    const answered = await new Promise<{ status: number; connection: string }>((resolve, reject) => {
      const sending = request(
        `${desk.url}/events/v1/quarantine/replay`,
        { method: 'POST', headers },
        (answer) => {
          resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection ?? '' })
          sending.destroy()
        },
      )
      sending.on('error', reject)
      sending.write('{')
    })
    expect(answered).toEqual({ status: 401, connection: 'close' })
  })

  test('keeps an event of somebody who is known by another pid since, and takes it when it is told who they are', async () => {
    // Ada’s receipt was given under the pid she had before two of her records were brought together.
    await take(world.flow, sent({ eventId: 'merged', pid: 'bo' }))
    expect((await world.quarantine.list({ limit: 10 }))[0]).toMatchObject({
      code: 'CONSENT_OF_ANOTHER_PERSON',
      hasPayload: false,
    })
    world.same.set('ada', new Set(['bo']))
    await world.says('bo', 'analytics', 'rc-bo')
    expect(await desk.send(line(sent({ eventId: 'merged', pid: 'bo' })))).toMatchObject({
      said: { stored: 1 },
    })
    expect(await world.store.after('0', 10)).toMatchObject([
      { eventId: 'merged', pid: 'bo', consentId: 'rc-ada' },
    ])
  })
})
