import { beforeEach, describe, expect, test } from 'vitest'
import type { ConsumerTerms } from '../../subgraphs/consent/outbox/consumer.ts'
import { type Lease, LeaseLost, type OutboxStore } from '../../subgraphs/consent/outbox/outbox-store.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const LEASE_MS = 60_000

export interface OpenOutbox {
  readonly outbox: OutboxStore
  /** Lets time pass until every lease has run out, as the store's clock has it. */
  readonly leasesRunOut: () => Promise<void>
}

/** What every outbox promises. `open` gives an empty one. */
export function outboxContract(engine: string, open: () => Promise<OpenOutbox>): void {
  describe(`An outbox on ${engine}`, () => {
    let outbox: OutboxStore
    let leasesRunOut: () => Promise<void>
    beforeEach(async () => {
      ;({ outbox, leasesRunOut } = await open())
      await outbox.configure([
        { ...crm, start: '0' },
        { ...shop, start: '7' },
      ])
    })

    test('starts each consumer where it was told, and has nothing delivered', async () => {
      expect(await outbox.consumers()).toEqual([
        { ...crm, status: 'active', position: '0', handedOut: '0', escalated: 0, retrying: 0 },
        { ...shop, status: 'active', position: '7', handedOut: '7', escalated: 0, retrying: 0 },
      ])
      expect(await outbox.open('crm', 10)).toEqual([])
    })

    test('takes new terms of a consumer it knows and never moves it back', async () => {
      await outbox.handOut('crm', { revisions: ['1'], upTo: '4', at: NOON })
      await outbox.acknowledge('crm', '3', NOON)
      await outbox.configure([{ ...crm, slaMs: 5, scopes: null, start: '0' }])
      expect((await outbox.consumers())[0]).toMatchObject({
        position: '3',
        handedOut: '4',
        slaMs: 5,
        scopes: null,
      })
    })

    test('acknowledges what was handed out, and records when it was fetched and when it was taken', async () => {
      await outbox.handOut('crm', { revisions: ['1', '3'], upTo: '4', at: NOON })
      expect(await outbox.acknowledge('crm', '2', NOON + 5)).toBe(true)
      expect(await outbox.deliveries('1')).toEqual([
        {
          consumer: 'crm',
          revision: '1',
          state: 'acknowledged',
          attempts: 1,
          firstAt: NOON,
          lastAt: NOON,
          acknowledgedAt: NOON + 5,
          reason: null,
          nextAt: null,
        },
      ])
      expect(await outbox.deliveries('3')).toMatchObject([{ state: 'pending', acknowledgedAt: null }])
      expect((await outbox.consumers())[0]).toMatchObject({ position: '2', handedOut: '4' })
    })

    test('refuses to acknowledge what was never handed out, and moves nothing', async () => {
      await outbox.handOut('crm', { revisions: ['1'], upTo: '4', at: NOON })
      expect(await outbox.acknowledge('crm', '5', NOON)).toBe(false)
      expect(await outbox.acknowledge('nobody', '0', NOON)).toBe(false)
      expect((await outbox.consumers())[0]).toMatchObject({ position: '0' })
      expect(await outbox.deliveries('1')).toMatchObject([{ state: 'pending' }])
    })

    test('moves a position only forward', async () => {
      await outbox.handOut('crm', { revisions: ['1', '2'], upTo: '2', at: NOON })
      await outbox.acknowledge('crm', '2', NOON)
      expect(await outbox.acknowledge('crm', '1', NOON + 9)).toBe(true)
      await outbox.handOut('crm', { revisions: [], upTo: '1', at: NOON })
      expect((await outbox.consumers())[0]).toMatchObject({ position: '2', handedOut: '2' })
      expect(await outbox.deliveries('1')).toMatchObject([{ acknowledgedAt: NOON }])
    })

    test('counts what is handed out again as another attempt', async () => {
      await outbox.handOut('crm', { revisions: ['1'], upTo: '1', at: NOON })
      await outbox.handOut('crm', { revisions: ['1'], upTo: '1', at: NOON + 3 })
      expect(await outbox.deliveries('1')).toMatchObject([{ attempts: 2, firstAt: NOON, lastAt: NOON + 3 }])
    })

    test('has one deliverer a consumer at a time', async () => {
      const both = await Promise.all([outbox.take(lease('one')), outbox.take(lease('two'))])
      expect(both.filter(Boolean)).toHaveLength(1)
      expect(await outbox.take(lease(both[0] ? 'one' : 'two'))).toBe(true)
      expect(await outbox.take({ ...lease('two'), consumer: 'shop' })).toBe(true)
      expect(await outbox.take({ ...lease('one'), consumer: 'nobody' })).toBe(false)
    })

    test('lets the next deliverer in when one leaves, and not when another one says so', async () => {
      await outbox.take(lease('one'))
      await outbox.release(lease('two'))
      expect(await outbox.take(lease('two'))).toBe(false)
      await outbox.release(lease('one'))
      expect(await outbox.take(lease('two'))).toBe(true)
    })

    test('lets another deliverer take over when a lease has run out, and the late one record nothing', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['1'], NOON)
      await leasesRunOut()
      await expect(outbox.begin(lease('one'), ['2'], NOON)).rejects.toThrow(LeaseLost)
      expect(await outbox.take(lease('two'))).toBe(true)
      await expect(outbox.settle(lease('one'), [done('1')], '1')).rejects.toThrow(LeaseLost)
      await expect(outbox.begin(lease('one'), ['2'], NOON)).rejects.toThrow(LeaseLost)
      expect(await outbox.open('crm', 10)).toMatchObject([{ revision: '1', state: 'pending', attempts: 1 }])
    })

    test('records an attempt before it is known what came of it', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['2', '1'], NOON)
      await outbox.begin(lease('one'), ['1'], NOON + 1)
      expect(await outbox.open('crm', 10)).toMatchObject([
        { revision: '1', state: 'pending', attempts: 2, firstAt: NOON, lastAt: NOON + 1 },
        { revision: '2', state: 'pending', attempts: 1 },
      ])
    })

    test('tells what is ahead of the position and what waits behind it, oldest first', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['1', '2', '3', '9', '10'], NOON)
      await outbox.settle(lease('one'), [done('1'), gaveUp('2'), done('3'), done('10')], '8')
      expect((await outbox.open('crm', 10)).map(({ revision }) => revision)).toEqual(['9', '10'])
      expect(await outbox.redeliver('crm', ['2', '3'], NOON + 7)).toBe(1)
      expect(await outbox.open('crm', 2)).toMatchObject([
        { revision: '2', state: 'pending', attempts: 0, nextAt: NOON + 7 },
        { revision: '9' },
      ])
    })

    test('keeps what was given up, visible, until it is redelivered', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['1', '2', '3'], NOON)
      await outbox.settle(lease('one'), [gaveUp('1'), gaveUp('2'), waits('3', NOON + 50)], '2')
      expect((await outbox.consumers())[0]).toMatchObject({ position: '2', escalated: 2, retrying: 1 })
      expect(await outbox.deliveries('1')).toMatchObject([{ state: 'escalated', reason: 'HTTP_500' }])
      expect(await outbox.redeliver('crm', null, NOON)).toBe(2)
      expect((await outbox.consumers())[0]).toMatchObject({ position: '2', escalated: 0 })
    })

    test('tries no more what is there no longer', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['1'], NOON)
      await outbox.settle(lease('one'), [{ ...done('1'), state: 'void' }], '1')
      expect(await outbox.open('crm', 10)).toEqual([])
      expect(await outbox.deliveries('1')).toMatchObject([{ state: 'void', acknowledgedAt: null }])
      expect(await outbox.redeliver('crm', null, NOON)).toBe(0)
    })

    test('settles with the lease, and moves the position of a consumer that nothing concerned', async () => {
      await outbox.take(lease('one'))
      await outbox.settle(lease('one'), [], '40')
      await outbox.settle(lease('one'), [], '30')
      expect((await outbox.consumers())[0]).toMatchObject({ position: '40', handedOut: '40' })
    })

    test('holds a consumer that is gone until it is resumed', async () => {
      await outbox.setStatus('crm', 'gone')
      expect((await outbox.consumers())[0]).toMatchObject({ status: 'gone' })
      await outbox.configure([{ ...crm, start: '0' }])
      expect((await outbox.consumers())[0]).toMatchObject({ status: 'gone' })
      await outbox.setStatus('crm', 'active')
      expect((await outbox.consumers())[0]).toMatchObject({ status: 'active' })
    })

    test('tells of one revision how it fared with each consumer', async () => {
      await outbox.handOut('shop', { revisions: ['8'], upTo: '8', at: NOON })
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['8'], NOON)
      expect((await outbox.deliveries('8')).map(({ consumer }) => consumer)).toEqual(['crm', 'shop'])
      expect(await outbox.deliveries('9')).toEqual([])
    })

    test('summarises what was settled long ago: who got what on which day stays known, to the revision', async () => {
      await outbox.take(lease('one'))
      await outbox.begin(lease('one'), ['1', '2', '3', '4', '5', '9'], NOON)
      const settled = [done('1'), { ...done('2'), state: 'void' as const }, gaveUp('3'), done('5'), done('9')]
      await outbox.settle(lease('one'), [...settled, waits('4', NOON)], '5')
      expect(await outbox.summarise(NOON, 10)).toBe(0)
      expect(await outbox.summarise(NOON + 1, 2)).toBe(2)
      expect(await outbox.summarise(NOON + 1, 10)).toBe(1)
      expect(await outbox.summarise(NOON + 1, 10)).toBe(0)
      const day = '2026-05-01'
      const kept = await Promise.all(['1', '2', '5'].map((revision) => outbox.summaries(revision)))
      expect(kept).toEqual(
        ['acknowledged', 'void', 'acknowledged'].map((state) => [{ consumer: 'crm', state, day }]),
      )
      expect(await outbox.deliveries('1')).toEqual([])
      // What was given up or waits, and what lies beyond the position, is not settled.
      for (const revision of ['3', '4', '9']) {
        expect(await outbox.summaries(revision)).toEqual([])
        expect(await outbox.deliveries(revision)).toHaveLength(1)
      }
      expect((await outbox.consumers())[0]).toMatchObject({ escalated: 1, retrying: 1, position: '5' })
    })

    test('adds a later day to the summary, and undoes none when it is fetched again', async () => {
      const days = [NOON, NOON + 86_400_000]
      for (const [index, at] of days.entries()) {
        const revision = String(8 + index)
        await outbox.handOut('shop', { revisions: [revision], upTo: revision, at })
        await outbox.acknowledge('shop', revision, at)
        await outbox.summarise(at + 1, 10)
      }
      await outbox.handOut('shop', { revisions: ['8', '9', '10'], upTo: '10', at: NOON })
      expect(await outbox.deliveries('8')).toEqual([])
      expect(await outbox.deliveries('10')).toMatchObject([{ state: 'pending' }])
      expect(await outbox.summaries('8')).toMatchObject([{ day: '2026-05-01' }])
      expect(await outbox.summaries('9')).toMatchObject([{ day: '2026-05-02' }])
    })
  })
}

const crm: ConsumerTerms = {
  name: 'crm',
  kind: 'webhook',
  scopes: ['crm_contact'],
  url: 'https://crm.example/hooks',
  slaMs: 300_000,
}

const shop: ConsumerTerms = { name: 'shop', kind: 'pull', scopes: null, url: null, slaMs: 60_000 }

const lease = (holder: string): Lease => ({ consumer: 'crm', holder, ms: LEASE_MS })

const done = (revision: string) =>
  ({ revision, state: 'acknowledged', reason: null, nextAt: null, at: NOON }) as const

const gaveUp = (revision: string) =>
  ({ revision, state: 'escalated', reason: 'HTTP_500', nextAt: null, at: NOON }) as const

const waits = (revision: string, nextAt: number) =>
  ({ revision, state: 'pending', reason: 'TIMEOUT', nextAt, at: NOON }) as const
