import { beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../../subgraphs/consent/receipt.ts'
import { type ConsentStore, ReceiptConflict } from '../../subgraphs/consent/store.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

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
      await store.append([receipt('ada', 'analytics')])
      const records = await store.records(['ada', 'bo', 'ada'])
      expect([...records.keys()].toSorted()).toEqual(['ada', 'bo'])
    })

    test('tells the last receipt of each chain and never an older one', async () => {
      const given = receipt('ada', 'analytics')
      const withdrawn = successor(given, 'withdrawn')
      const forShops = receipt('ada', 'analytics', { channel: 'shop', region: 'DE' })
      await store.append([given, forShops])
      await store.append([withdrawn])
      const latest = (await store.records(['ada'])).get('ada')?.latest ?? []
      expect(byId(latest)).toEqual(byId([withdrawn, forShops]))
    })

    test('keeps every member of a receipt as it was written', async () => {
      const full = receipt('ada', 'analytics', { channel: 'web', region: 'SE', expiresAt: NOON + 1 })
      await store.append([full])
      expect((await store.records(['ada'])).get('ada')?.latest).toEqual([full])
    })

    test('takes a chain of several receipts in one batch', async () => {
      const first = receipt('ada', 'analytics')
      const second = successor(first, 'withdrawn')
      await store.append([first, second, receipt('bo', 'analytics')])
      expect((await store.records(['ada'])).get('ada')?.latest).toEqual([second])
      expect(await store.revision()).toBe('3')
    })

    test.each<[string, (first: Receipt) => Receipt]>([
      ['a version that is taken', (first) => ({ ...first, consentId: 'again' })],
      ['a version that skips one', (first) => ({ ...successor(first, 'withdrawn'), version: 3 })],
      ['a successor of nobody', (first) => ({ ...successor(first, 'withdrawn'), predecessor: 'nobody' })],
      ['a successor in another scope', (first) => ({ ...successor(first, 'withdrawn'), scope: 'profiling' })],
      ['a successor for another person', (first) => ({ ...successor(first, 'withdrawn'), subject: 'bo' })],
      [
        'a later version without predecessor',
        (first) => ({ ...successor(first, 'given'), predecessor: null }),
      ],
    ])('refuses %s, and the whole batch with it', async (_what, stray) => {
      const first = receipt('ada', 'analytics')
      await store.append([first])
      await expect(store.append([receipt('cyd', 'analytics'), stray(first)])).rejects.toThrow(ReceiptConflict)
      const records = await store.records(['ada', 'cyd'])
      expect(records.get('ada')?.latest).toEqual([first])
      expect(records.get('cyd')?.latest).toEqual([])
      expect(await store.changesAfter('0', 10)).toHaveLength(1)
    })

    test('lets only one of two successors in', async () => {
      const first = receipt('ada', 'analytics')
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
      const first = receipt('ada', 'analytics')
      expect(await store.append([first, receipt('bo', 'analytics')])).toBe('2')
      expect(await store.mark('bo', 'suppressed', NOON)).toBe('3')
      expect(await store.append([successor(first, 'withdrawn')])).toBe('4')
      const records = await store.records(['ada', 'bo'])
      expect([records.get('ada')?.revision, records.get('bo')?.revision]).toEqual(['4', '3'])
    })

    test('tells what was written after a revision, oldest first, a page at a time', async () => {
      const first = receipt('ada', 'analytics')
      await store.append([first, receipt('bo', 'analytics')])
      await store.mark('bo', 'suppressed', NOON + 1)
      expect(await store.changesAfter('1', 10)).toEqual([
        { revision: '2', subject: 'bo', scope: 'analytics', status: 'given', at: NOON },
        { revision: '3', subject: 'bo', scope: null, status: 'suppressed', at: NOON + 1 },
      ])
      expect((await store.changesAfter('0', 2)).map(({ revision }) => revision)).toEqual(['1', '2'])
      expect(await store.changesAfter('3', 10)).toEqual([])
    })

    test('wakes its listeners at each write until they leave', async () => {
      let woken = 0
      const leave = store.onWrite(() => woken++)
      await store.append([receipt('ada', 'analytics')])
      await store.mark('ada', 'suppressed', NOON)
      leave()
      await store.mark('bo', 'suppressed', NOON)
      expect(woken).toBe(2)
    })

    test('answers for thousands of people in one call', async () => {
      const people = Array.from({ length: 3000 }, (_, index) => `person-${index}`)
      await store.append(people.map((subject) => receipt(subject, 'analytics')))
      const records = await store.records(people)
      expect(records.size).toBe(3000)
      expect(
        people.every((subject) => records.get(subject)?.latest[0]?.consentId === `${subject}/analytics/1`),
      ).toBe(true)
    })
  })
}

function receipt(subject: string, scope: string, more: Partial<Receipt> = {}): Receipt {
  return {
    consentId: [subject, scope, more.channel, more.region, 1].filter((part) => part !== undefined).join('/'),
    subject,
    scope,
    channel: null,
    region: null,
    status: 'given',
    at: NOON,
    expiresAt: null,
    source: 'form',
    version: 1,
    predecessor: null,
    ...more,
  }
}

function successor(before: Receipt, status: Receipt['status']): Receipt {
  const version = before.version + 1
  return {
    ...before,
    consentId: `${before.consentId}/${version}/${status}`,
    status,
    version,
    predecessor: before.consentId,
  }
}

function byId(receipts: readonly Receipt[]): readonly Receipt[] {
  return receipts.toSorted((a, b) => a.consentId.localeCompare(b.consentId))
}
