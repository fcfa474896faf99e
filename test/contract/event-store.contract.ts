import { beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../subgraphs/events/event.ts'
import type { EventStore } from '../../subgraphs/events/event-store.ts'
import { DAY, type EventEngine, type EventWorld, eventWorld, NOON } from '../support/events/event-flow.ts'

/** What every store of events promises. `open` gives an empty one. */
export function eventStoreContract(engine: string, open: () => Promise<EventEngine>): void {
  describe(`A store of events on ${engine}`, () => {
    let world: EventWorld
    let store: EventStore
    beforeEach(async () => {
      world = eventWorld(await open())
      store = world.store
      await world.says('ada', 'analytics', 'rc-ada')
      await world.says('bo', 'analytics', 'rc-bo')
    })
    const outcomes = async (...events: readonly Event[]) =>
      (await store.append(events, world.time.now)).map(({ outcome }) => outcome)
    const names = async () => (await store.after('0', 100)).map(({ eventId }) => eventId)

    test('keeps every member of an event as it was given, in the order of positions', async () => {
      const events = [
        event('e1', { data: { sku: 'K "1"', list: [1, 2.5, null, true], deep: { ünï: '𝄞' } } }),
        event('e2', { pid: 'bo', type: 'purchase', scope: null, consentId: null, consentRevision: null }),
      ]
      const added = await store.append(events, NOON)
      const read = await store.after('0', 10)
      expect(read).toMatchObject(events)
      expect(read.map(({ position }) => position)).toEqual(
        added.map((one) => (one.outcome === 'stored' ? one.position : '')),
      )
      expect(await store.newest()).toBe(read.at(-1)?.position)
    })

    test('takes the same event once, in one batch and in several, and says when it is another one', async () => {
      expect(await outcomes(event('e1'), event('e1'), event('e1', { data: { sku: 'K-2' } }))).toEqual([
        'stored',
        'duplicate',
        'reused',
      ])
      const later = { receivedAt: NOON + 5 }
      expect(
        await outcomes(
          event('e1', later),
          event('e1', { occurredAt: NOON - 7 }),
          event('e1', { source: 'app' }),
        ),
      ).toEqual(['duplicate', 'reused', 'stored'])
      expect(await names()).toEqual(['e1', 'e1'])
    })

    test('takes an event with its members in another order for the same one', async () => {
      await outcomes(event('e1', { data: { a: 1, b: { c: 2, d: 3 } } }))
      expect(await outcomes(event('e1', { data: { b: { d: 3, c: 2 }, a: 1 } }))).toEqual(['duplicate'])
    })

    test('inserts nothing of what is not alive at this very moment', async () => {
      await world.withdraws('bo', 'analytics')
      const ofBo = event('e2', { pid: 'bo', consentId: 'rc-bo', consentRevision: '2' })
      const ofDee = event('e3', { pid: 'dee' })
      const otherScope = event('e4', { scope: 'marketing_email' })
      expect(await outcomes(event('e1'), ofBo, ofDee, otherScope)).toEqual([
        'stored',
        'not_alive',
        'not_alive',
        'not_alive',
      ])
      expect(await names()).toEqual(['e1'])
    })

    test('does not bring back by a new yes what was collected before a no, late or stored', async () => {
      await outcomes(event('e1'))
      await world.withdraws('ada', 'analytics')
      expect(await names()).toEqual([])
      await world.says('ada', 'analytics', 'rc-ada-2')
      expect(await outcomes(event('e1'), event('e2'))).toEqual(['not_alive', 'not_alive'])
      expect(await outcomes(event('e3', { consentId: 'rc-ada-2', consentRevision: '4' }))).toEqual(['stored'])
      expect(await names()).toEqual(['e3'])
      expect(await store.purgeDead(NOON, ['bo'])).toBe(0)
      expect(await store.purgeDead(NOON, ['ada'])).toBe(1)
      expect(await store.purgeDead(NOON)).toBe(0)
      expect(await names()).toEqual(['e3'])
    })

    test('keeps nothing of who was erased, whatever it rests on', async () => {
      const contract = { type: 'purchase', scope: null, consentId: null, consentRevision: null }
      await outcomes(event('e1', contract))
      await world.erases('ada')
      expect(await names()).toEqual([])
      expect(await outcomes(event('e2', contract))).toEqual(['not_alive'])
      expect(await store.purgeDead(NOON)).toBe(1)
    })

    test('reads and purges part by part, however much stands between two events', async () => {
      const events = Array.from({ length: 12 }, (_, number) => event(`e${number}`))
      await outcomes(...events.slice(0, 4))
      // Positions that nobody has any more.
      const bos = Array.from({ length: 8 }, (_, number) =>
        event(`b${number}`, { pid: 'bo', consentId: 'rc-bo', consentRevision: '2' }),
      )
      await outcomes(...bos)
      await outcomes(...events.slice(4))
      await world.withdraws('bo', 'analytics')
      const pages: string[][] = []
      let after = '0'
      for (;;) {
        const page = await store.after(after, 3)
        if (page.length === 0) break
        pages.push(page.map(({ eventId }) => eventId))
        after = page.at(-1)?.position ?? after
      }
      expect(pages.flat()).toEqual(events.map(({ eventId }) => eventId))
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 3, 3])
      expect(await store.purgeDead(NOON)).toBe(8)
      expect(await store.after('0', 5)).toHaveLength(5)
    })

    test('answers nothing while it is not known what people consent to', async () => {
      await outcomes(event('e1'))
      world.time.isCurrent = false
      const away = { message: expect.stringContaining('not known') as string }
      await expect(store.after('0', 10)).rejects.toMatchObject(away)
      await expect(store.people(null, 10)).rejects.toMatchObject(away)
      await expect(store.append([event('e2')], NOON)).rejects.toMatchObject(away)
    })

    test('reads by person, type, window and page', async () => {
      const times = [3, 1, 2].map((day) => NOON - day * DAY)
      await outcomes(
        ...times.map((occurredAt, n) => event(`a${n}`, { occurredAt })),
        event('b0', { pid: 'bo', consentId: 'rc-bo', consentRevision: '2' }),
        event('p0', {
          type: 'purchase',
          scope: null,
          consentId: null,
          consentRevision: null,
          receivedAt: NOON + 1,
        }),
      )
      const ids = (events: readonly { readonly eventId: string }[]) => events.map(({ eventId }) => eventId)
      expect(ids(await store.ofPerson('ada', NOON - 2 * DAY, NOON - DAY))).toEqual(['a2'])
      expect(ids(await store.ofPerson('ada', 0, NOON))).toEqual(['a0', 'a2', 'a1', 'p0'])
      const [, second] = await store.after('0', 2)
      expect(ids(await store.after(second?.position ?? '', 2))).toEqual(['a2', 'b0'])
      expect(ids(await store.of(['ada', 'bo'], ['page_view'], await store.newest()))).toEqual([
        'a0',
        'a1',
        'a2',
        'b0',
      ])
      expect(ids(await store.of(['ada', 'bo'], ['page_view'], second?.position ?? ''))).toEqual(['a0', 'a1'])
      const window = { type: 'page_view', from: NOON - 2 * DAY, to: NOON, receivedBefore: NOON + 1 }
      expect(ids(await store.ofType(window, { after: '0', limit: 2 }))).toEqual(['a1', 'a2'])
      expect(ids(await store.ofType({ ...window, type: 'purchase' }, { after: '0', limit: 2 }))).toEqual([])
      expect(await store.people(null, 1)).toEqual(['ada'])
      expect(await store.people('ada', 5)).toEqual(['bo'])
      expect(await store.counts()).toEqual(
        new Map([
          ['page_view', 4],
          ['purchase', 1],
        ]),
      )
    })

    test('serves an event until its retention ends, then purges it, a part at a time', async () => {
      await outcomes(...['e1', 'e2', 'e3'].map((id) => event(id, { expiresAt: NOON + DAY })), event('e4'))
      world.time.now = NOON + DAY
      expect(await names()).toEqual(['e4'])
      expect(await store.purge(NOON + DAY, 2)).toBe(2)
      expect(await store.purge(NOON + DAY, 2)).toBe(1)
      expect(await store.purge(NOON + DAY, 2)).toBe(0)
    })

    test('gives no position twice, when the newest event is gone neither', async () => {
      await outcomes(event('e1', { expiresAt: NOON + 1 }))
      const newest = await store.newest()
      await store.purge(NOON + 1, 10)
      await outcomes(event('e2'))
      expect(BigInt(await store.newest())).toBeGreaterThan(BigInt(newest))
      expect(await names()).toEqual(['e2'])
    })

    test('follows people to their new pids, and forgets the elder ones', async () => {
      await outcomes(event('e1'))
      const renamed = [{ from: 'ada', to: 'ada-2' }]
      await store.copyPids(renamed)
      await store.copyPids(renamed)
      await world.says('ada-2', 'analytics', 'rc-ada-2', { revision: '1' })
      expect((await store.ofPerson('ada-2', 0, NOON)).map(({ pid, eventId }) => [pid, eventId])).toEqual([
        ['ada-2', 'e1'],
      ])
      expect(await store.after('0', 9)).toHaveLength(1)
      await store.forgetPids(['ada'])
      expect((await store.ofPerson('ada-2', 0, NOON)).map(({ eventId }) => eventId)).toEqual(['e1'])
      expect(await store.ofPerson('ada', 0, NOON)).toEqual([])
      await store.forgetPids(['ada-2'])
      expect(await names()).toEqual([])
    })

    test('writes and reads thousands at once', async () => {
      const events = Array.from({ length: 3_000 }, (_, n) => event(`e${n}`))
      expect(new Set(await outcomes(...events))).toEqual(new Set(['stored']))
      const read = await store.after('0', 5_000)
      expect(read.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId))
    })
  })
}

export function event(eventId: string, more: Partial<Event> = {}): Event {
  return {
    eventId,
    source: 'shop',
    type: 'page_view',
    version: 1,
    occurredAt: NOON - 1,
    receivedAt: NOON,
    pid: 'ada',
    scope: 'analytics',
    consentId: 'rc-ada',
    consentRevision: '1',
    data: { sku: 'K-1' },
    expiresAt: NOON + 90 * DAY,
    ...more,
  }
}
