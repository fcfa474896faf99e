import { beforeEach, describe, expect, test } from 'vitest'
import type { FailedEvent, QuarantineStore } from '../../subgraphs/events/quarantine/quarantine-store.ts'
import { DAY, type EventEngine, type EventWorld, eventWorld, NOON } from '../support/events/event-flow.ts'

/** What every quarantine promises. `open` gives an empty one. */
export function quarantineContract(engine: string, open: () => Promise<EventEngine>): void {
  describe(`A quarantine on ${engine}`, () => {
    let world: EventWorld
    let store: QuarantineStore
    beforeEach(async () => {
      world = eventWorld(await open())
      store = world.quarantine
      await world.says('ada', 'analytics', 'rc-ada')
    })
    const list = (more: object = {}) => store.list({ limit: 10, ...more })
    const payloads = async (now = NOON) =>
      (await store.read(['a', 'b', 'c'], now)).map(({ id, sealed }) => [id, sealed?.toString() ?? null])

    test('keeps every member of what failed, and the same again as one more attempt', async () => {
      await store.put([failed('a'), failed('b', { envelope: NOTHING, payload: null, place: null })], NOON)
      await store.put([failed('a', { code: 'EVENT_VERSION_UNKNOWN' }), failed('a')], NOON + 5)
      const { payload: _, ...whole } = failed('a')
      const kept = { state: 'waiting', firstAt: NOON, hasPayload: true, expiresAt: NOON + DAY }
      expect(await list()).toEqual([
        { ...whole, ...kept, lastAt: NOON + 5, attempts: 3 },
        expect.objectContaining({ id: 'b', envelope: NOTHING, hasPayload: false, attempts: 1, place: null }),
      ])
      expect(await payloads()).toEqual([
        ['a', 'sealed a'],
        ['b', null],
      ])
    })

    test('lists by state, code, source and type, a page at a time', async () => {
      await store.put([failed('a')], NOON)
      await store.put([failed('b', { code: 'PERSON_UNKNOWN', source: 'app' })], NOON + 1)
      await store.put([failed('c', { envelope: { ...failed('c').envelope, type: 'other' } })], NOON + 2)
      await store.settle(['c'], 'discarded', NOON + 3)
      const ids = async (more: object) => (await list(more)).map(({ id }) => id)
      expect(await ids({ state: 'waiting' })).toEqual(['a', 'b'])
      expect(await ids({ code: 'PERSON_UNKNOWN' })).toEqual(['b'])
      expect(await ids({ source: 'app' })).toEqual(['b'])
      expect(await ids({ type: 'other' })).toEqual(['c'])
      expect(await ids({ after: 'a', limit: 1 })).toEqual(['b'])
      expect(await store.waiting()).toEqual([
        { code: 'EVENT_BREAKS_CONTRACT', count: 1, oldestAt: NOON },
        { code: 'PERSON_UNKNOWN', count: 1, oldestAt: NOON + 1 },
      ])
    })

    test('never keeps the payload of somebody who does not consent at this very moment, nor that it was them', async () => {
      await world.withdraws('ada', 'analytics')
      await store.put([failed('a'), failed('b', { payload: payload('b', { pid: 'dee' }) })], NOON)
      await store.put([failed('c', { payload: null })], NOON)
      const kept = await list()
      expect(kept.map(({ id, hasPayload }) => [id, hasPayload])).toEqual([
        ['a', false],
        ['b', false],
        ['c', false],
      ])
      for (const { envelope } of kept) expect(envelope).toMatchObject({ pid: null, consentId: null })
    })

    test('shows no payload after a withdrawal, and purges it; what rests on no consent stays until an erasure', async () => {
      const contract = payload('b', { scope: null, revision: null })
      await store.put([failed('a'), failed('b', { payload: contract })], NOON)
      await world.withdraws('ada', 'analytics')
      expect(await payloads()).toEqual([
        ['a', null],
        ['b', 'sealed b'],
      ])
      expect(await store.purgeDead(NOON, ['bo'])).toBe(0)
      expect(await store.purgeDead(NOON, ['ada'])).toBe(1)
      await world.erases('ada')
      expect((await payloads()).map(([, sealed]) => sealed)).toEqual([null, null])
      await store.purgeDead(NOON)
      expect(
        (await list()).map(({ hasPayload, envelope: { pid, consentId } }) => [hasPayload, pid, consentId]),
      ).toEqual([
        [false, null, null],
        [false, null, null],
      ])
    })

    test('lets payloads go when their time is over, and entries a while after they were settled', async () => {
      await store.put([failed('a'), failed('b')], NOON)
      await store.settle(['b'], 'replayed', NOON + 1)
      expect(await payloads(NOON + DAY)).toEqual([
        ['a', null],
        ['b', null],
      ])
      expect(await store.expire(NOON + DAY, NOON + 1)).toBe(1)
      expect(await store.expire(NOON + DAY, NOON + 2)).toBe(1)
      expect((await list()).map(({ id, hasPayload }) => [id, hasPayload])).toEqual([['a', false]])
    })

    test('follows people to their new pids, and forgets the elder ones', async () => {
      await store.put([failed('a')], NOON)
      await world.says('ada-2', 'analytics', 'rc-ada-2', { revision: '1' })
      await store.copyPids([{ from: 'ada', to: 'ada-2' }])
      expect((await list()).map(({ envelope }) => envelope.pid)).toEqual(['ada-2'])
      await store.forgetPids(['ada'])
      expect(await payloads()).toEqual([['a', 'sealed a']])
      await store.forgetPids(['ada-2'])
      expect(await payloads()).toEqual([['a', null]])
      expect((await list()).map(({ envelope }) => envelope.pid)).toEqual([null])
    })
  })
}

const NOTHING = { eventId: null, type: null, version: null, occurredAt: null, pid: null, consentId: null }

const payload = (id: string, more: object = {}) => ({
  sealed: Buffer.from(`sealed ${id}`),
  pid: 'ada',
  scope: 'analytics',
  revision: '1',
  expiresAt: NOON + DAY,
  ...more,
})

const failed = (id: string, more: Partial<FailedEvent> = {}): FailedEvent => ({
  id,
  digest: `${id}${id}`,
  bytes: 100,
  source: 'shop',
  code: 'EVENT_BREAKS_CONTRACT',
  stage: 'contract',
  place: 'data.sku',
  envelope: {
    eventId: 'e1',
    type: 'page_view',
    version: 1,
    occurredAt: NOON - 1,
    pid: 'ada',
    consentId: 'rc-ada',
  },
  contractVersion: 1,
  payload: payload(id),
  ...more,
})
