import { beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../../subgraphs/consent/receipts/receipt.ts'
import {
  type ConsentStore,
  type Head,
  ReceiptConflict,
  SubjectErased,
} from '../../subgraphs/consent/store.ts'
import { firstReceipt, fullReceipt, headOf, NOON, successor } from '../support/receipts.ts'

/** What every consent store promises. `open` gives an empty one. */
export function consentStoreContract(engine: string, open: () => Promise<ConsentStore>): void {
  describe(`A consent store on ${engine}`, () => {
    let store: ConsentStore
    beforeEach(async () => {
      store = await open()
    })

    test('knows nothing about a person nobody has spoken of', async () => {
      const records = await store.records(['ada'])
      expect(records.get('ada')).toEqual({ revision: '0', blocked: null, latest: [] })
      expect(await store.revision()).toBe('0')
    })

    test('answers for every subject asked, once each', async () => {
      await store.append([firstReceipt('ada', 'analytics')])
      const records = await store.records(['ada', 'bo', 'ada'])
      expect([...records.keys()].toSorted()).toEqual(['ada', 'bo'])
    })

    test('tells the last receipt of each chain and never an older one', async () => {
      const given = firstReceipt('ada', 'analytics')
      const withdrawn = successor(given, 'withdrawn')
      const forShops = firstReceipt('ada', 'analytics', { channel: 'shop', region: 'DE' })
      await store.append([given, forShops])
      await store.append([withdrawn])
      const latest = (await store.records(['ada'])).get('ada')?.latest ?? []
      expect(byId(latest)).toEqual(byId([withdrawn, forShops].map(headOf)))
    })

    test('keeps every member of a receipt as it was written', async () => {
      const full = fullReceipt('ada')
      await store.append([full])
      expect(await store.history('ada')).toEqual([full])
      expect(await store.receipt(full.consentId)).toEqual(full)
      expect((await store.records(['ada'])).get('ada')?.latest).toEqual([headOf(full)])
    })

    test('keeps the chains of channels, regions and brands apart', async () => {
      const places = [{}, { channel: 'x' }, { region: 'x' }, { brand: 'x' }, { channel: 'x', brand: 'x' }]
      const firsts = places.map((place) => firstReceipt('ada', 'analytics', place))
      await store.append(firsts.map((first, index) => ({ ...first, consentId: `r${index}` })))
      expect((await store.records(['ada'])).get('ada')?.latest).toHaveLength(places.length)
    })

    test('tells everything a person ever said, oldest first, and one receipt by its id', async () => {
      const first = firstReceipt('ada')
      const second = successor(first, 'withdrawn')
      await store.append([first, firstReceipt('bo')])
      await store.append([second])
      expect(await store.history('ada')).toEqual([first, second])
      expect(await store.history('cyd')).toEqual([])
      expect(await store.receipt(second.consentId)).toEqual(second)
      expect(await store.receipt('nobody said so')).toBeUndefined()
    })

    test('takes a chain of several receipts in one batch', async () => {
      const first = firstReceipt('ada', 'analytics')
      const second = successor(first, 'withdrawn')
      await store.append([first, second, firstReceipt('bo', 'analytics')])
      expect((await store.records(['ada'])).get('ada')?.latest).toEqual([headOf(second)])
      expect(await store.revision()).toBe('3')
    })

    test.each<[string, (first: Receipt) => Receipt]>([
      ['a version that is taken', (first) => ({ ...first, consentId: 'again', statement: 'again' })],
      [
        'an id that is taken',
        (first) => ({ ...firstReceipt('ada', 'profiling'), consentId: first.consentId }),
      ],
      ['a version that skips one', (first) => ({ ...successor(first, 'withdrawn'), version: 3 })],
      ['a successor of nobody', (first) => ({ ...successor(first, 'withdrawn'), predecessor: 'nobody' })],
      ['a successor in another scope', (first) => ({ ...successor(first, 'withdrawn'), scope: 'profiling' })],
      ['a successor for another person', (first) => ({ ...successor(first, 'withdrawn'), subject: 'bo' })],
      [
        'a later version without predecessor',
        (first) => ({ ...successor(first, 'given'), predecessor: null }),
      ],
    ])('refuses %s, and the whole batch with it', async (_what, stray) => {
      const first = firstReceipt('ada', 'analytics')
      await store.append([first])
      await expect(store.append([firstReceipt('cyd', 'analytics'), stray(first)])).rejects.toThrow(
        ReceiptConflict,
      )
      const records = await store.records(['ada', 'cyd'])
      expect(records.get('ada')?.latest).toEqual([headOf(first)])
      expect(records.get('cyd')?.latest).toEqual([])
      expect(await store.changesAfter('0', 10)).toHaveLength(1)
    })

    test('lets only one of two successors in', async () => {
      const first = firstReceipt('ada', 'analytics')
      await store.append([first])
      const both = await Promise.allSettled([
        store.append([successor(first, 'withdrawn')]),
        store.append([successor(first, 'given')]),
      ])
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    })

    test('blocks a person, lifts a suppression, and never an erasure', async () => {
      await store.mark('ada', 'suppressed', NOON)
      expect((await store.records(['ada'])).get('ada')).toMatchObject({
        blocked: 'suppressed',
        revision: '1',
      })
      await store.mark('ada', 'suppression_lifted', NOON)
      expect((await store.records(['ada'])).get('ada')).toMatchObject({ blocked: null, revision: '2' })
      await store.mark('ada', 'erased', NOON)
      await store.mark('ada', 'suppression_lifted', NOON)
      expect((await store.records(['ada'])).get('ada')).toMatchObject({ blocked: 'erased', revision: '3' })
    })

    test('gives each write the next revision, and a person the revision of the last write about them', async () => {
      const first = firstReceipt('ada', 'analytics')
      expect((await store.append([first, firstReceipt('bo', 'analytics')])).revision).toBe('2')
      expect(await store.mark('bo', 'suppressed', NOON)).toBe('3')
      expect((await store.append([successor(first, 'withdrawn')])).revision).toBe('4')
      const records = await store.records(['ada', 'bo'])
      expect([records.get('ada')?.revision, records.get('bo')?.revision]).toEqual(['4', '3'])
    })

    test('tells what was written after a revision, oldest first, a page at a time', async () => {
      const where = { channel: 'web', region: 'SE', brand: 'north' }
      const nowhere = { channel: null, region: null, brand: null }
      const said = { ...where, surface: '/preferences', actor: 'bo', expiresAt: NOON + 5 }
      await store.append([firstReceipt('ada'), firstReceipt('bo', 'analytics', said)])
      await store.mark('bo', 'suppressed', NOON + 1)
      const [given, suppressed] = await store.changesAfter('1', 10)
      expect(given).toEqual({
        ...where,
        revision: '2',
        subject: 'bo',
        scope: 'analytics',
        status: 'given',
        at: NOON,
        surface: '/preferences',
        initiator: 'person',
        recordedAt: expect.any(Number),
        expiresAt: NOON + 5,
      })
      expect(suppressed).toMatchObject({
        ...nowhere,
        revision: '3',
        subject: 'bo',
        scope: null,
        status: 'suppressed',
        at: NOON + 1,
        surface: null,
        expiresAt: null,
        initiator: 'system',
      })
      expect((await store.changesAfter('0', 2)).map(({ revision }) => revision)).toEqual(['1', '2'])
      expect(await store.changesAfter('3', 10)).toEqual([])
    })

    test('takes a statement once: who asks again gets the receipts that are there', async () => {
      const said = ['analytics', 'profiling'].map((scope) =>
        firstReceipt('ada', scope, { statement: 'said-once' }),
      )
      expect(await store.append(said)).toEqual({ revision: '2', receipts: said })
      const again = said.map((receipt) => ({ ...receipt, consentId: `${receipt.consentId}/again` }))
      expect(await store.append(again)).toEqual({ revision: '2', receipts: said })
      expect(await store.append([...again, firstReceipt('ada', 'product_recs')])).toMatchObject({
        revision: '3',
      })
      expect(await store.history('ada')).toHaveLength(3)
    })

    test('tells what was said by a statement, where and when, and nothing of one that is not there', async () => {
      const where = { channel: 'web', region: 'SE', brand: 'north' }
      const first = firstReceipt('ada', 'analytics', where)
      await store.append([first, firstReceipt('bo', 'analytics', { statement: 'of-bo' })])
      const asked = [
        { subject: 'ada', statement: first.statement },
        { subject: 'ada', statement: 'of-bo' },
        { subject: 'cyd', statement: 'of-nobody' },
      ]
      const { subject, statement, scope, consentId, status, at } = first
      expect(await store.said(asked)).toEqual([
        { ...where, subject, statement, scope, consentId, status, at },
      ])
      await store.mark('ada', 'erased', NOON)
      expect(await store.said(asked)).toEqual([])
    })

    test('takes the same statement id of another person', async () => {
      await store.append([firstReceipt('ada', 'analytics', { statement: 'said-once' })])
      await store.append([firstReceipt('bo', 'analytics', { statement: 'said-once' })])
      expect(await store.history('bo')).toHaveLength(1)
    })

    test('lets only one of two equal statements in that come at the same moment', async () => {
      const both = ['a', 'b'].map((consentId) =>
        store.append([firstReceipt('ada', 'analytics', { consentId, statement: 'said-once' })]),
      )
      const [one, other] = await Promise.all(both)
      expect(one).toEqual(other)
    })

    test('forgets what an erased person said, tells of the erasure alone, and takes nothing any more', async () => {
      const first = firstReceipt('ada')
      await store.append([first, firstReceipt('bo')])
      await store.mark('ada', 'suppressed', NOON)
      expect(await store.mark('ada', 'erased', NOON + 5)).toBe('4')
      expect((await store.records(['ada'])).get('ada')).toEqual({
        revision: '4',
        blocked: 'erased',
        latest: [],
      })
      expect(await store.history('ada')).toEqual([])
      expect(await store.receipt(first.consentId)).toBeUndefined()
      expect((await store.changesAfter('0', 10)).map(({ subject, status }) => [subject, status])).toEqual([
        ['bo', 'given'],
        ['ada', 'erased'],
      ])
      for (const receipt of [first, successor(first, 'withdrawn'), firstReceipt('ada', 'profiling')])
        await expect(store.append([receipt])).rejects.toThrow(SubjectErased)
      expect(await store.mark('ada', 'erased', NOON + 6)).toBe('4')
    })

    test('erases a person of whom nothing is known', async () => {
      await store.mark('ada', 'erased', NOON)
      await expect(store.append([firstReceipt('ada')])).rejects.toThrow(SubjectErased)
      expect((await store.records(['ada'])).get('ada')).toMatchObject({ blocked: 'erased', revision: '1' })
    })

    test('lets many writers of one chain in one after the other', async () => {
      const write = async (index: number): Promise<void> => {
        for (;;) {
          const head = (await store.records(['ada'])).get('ada')?.latest[0]
          const next = {
            ...firstReceipt('ada'),
            consentId: `${index}/${head?.version ?? 0}`,
            statement: `${index}`,
            version: (head?.version ?? 0) + 1,
            predecessor: head?.consentId ?? null,
          }
          const outcome = await store.append([next]).catch((error: unknown) => error)
          if (!(outcome instanceof Error)) return
          expect(outcome).toBeInstanceOf(ReceiptConflict)
        }
      }
      await Promise.all(Array.from({ length: 12 }, (_, index) => write(index)))
      const said = await store.history('ada')
      expect(said.map(({ version }) => version)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
      expect(said.map(({ predecessor }) => predecessor)).toEqual([
        null,
        ...said.slice(0, -1).map(({ consentId }) => consentId),
      ])
    })

    test.each<[string, Partial<Receipt>]>([
      ['person', { actor: 'ada' }],
      ['service_desk', { actor: 'desk' }],
      ['import', { actor: 'desk', source: 'import:crm' }],
      ['system', { actor: null }],
    ])('tells that a change was brought about by a %s', async (initiator, more) => {
      await store.append([firstReceipt('ada', 'analytics', more)])
      expect(await store.changesAfter('0', 1)).toMatchObject([{ initiator }])
    })

    test('tells when it took what was said before', async () => {
      const long = 30 * 24 * 3_600_000
      const before = Date.now()
      await store.append([firstReceipt('ada', 'analytics', { at: before - long })])
      const [change] = await store.changesAfter('0', 1)
      expect(change?.at).toBe(before - long)
      expect(change?.recordedAt).toBeGreaterThan(before - long / 2)
    })

    test('finds the revision of a receipt, until its person is erased', async () => {
      const receipt = firstReceipt('ada')
      await store.append([firstReceipt('bo'), receipt])
      expect(await store.revisionOf(receipt.consentId)).toBe('2')
      expect(await store.revisionOf('nothing')).toBeUndefined()
      await store.mark('ada', 'erased', NOON)
      expect(await store.revisionOf(receipt.consentId)).toBeUndefined()
    })

    test('wakes its listeners at each write until they leave', async () => {
      let woken = 0
      const leave = store.onWrite(() => woken++)
      await store.append([firstReceipt('ada', 'analytics')])
      await store.mark('ada', 'suppressed', NOON)
      leave()
      await store.mark('bo', 'suppressed', NOON)
      expect(woken).toBe(2)
    })

    test('tells the revision of the very moment of what it reads', async () => {
      expect(await store.recordsAt(['ada'])).toMatchObject({ revision: '0' })
      const first = firstReceipt('ada', 'analytics')
      await store.append([first, firstReceipt('bo', 'analytics')])
      const { revision, records } = await store.recordsAt(['ada', 'cyd'])
      expect([revision, [...records]]).toEqual(['2', [...(await store.records(['ada', 'cyd']))]])
      // While somebody writes, in no order of events is a revision told whose write is not seen, or the other way round.
      const reading = Array.from({ length: 30 }, () => store.recordsAt(['dee']))
      const writing = Array.from({ length: 5 }, (_, index) =>
        store.append([firstReceipt('dee', 'analytics', { channel: `c${index}` })]),
      )
      await Promise.all(writing)
      for (const seen of [...(await Promise.all(reading)), await store.recordsAt(['dee'])])
        expect(seen.records.get('dee')?.latest).toHaveLength(Number(seen.revision) - 2)
    })

    test('answers for thousands of people in one call', async () => {
      const people = Array.from({ length: 3000 }, (_, index) => `person-${index}`)
      await store.append(people.map((subject) => firstReceipt(subject, 'analytics')))
      const records = await store.records(people)
      expect(records.size).toBe(3000)
      expect(
        people.every((subject) => records.get(subject)?.latest[0]?.consentId === `${subject}/analytics/1`),
      ).toBe(true)
    })
  })
}

function byId(receipts: readonly Head[]): readonly Head[] {
  return receipts.toSorted((a, b) => a.consentId.localeCompare(b.consentId))
}
