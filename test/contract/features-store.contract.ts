import { beforeEach, describe, expect, test } from 'vitest'
import type { FeatureRow, FeaturesStore } from '../../subgraphs/features/store.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

/** What every features store promises. `open` gives an empty one. */
export function featuresStoreContract(engine: string, open: () => Promise<FeaturesStore>): void {
  describe(`A features store on ${engine}`, () => {
    let store: FeaturesStore
    beforeEach(async () => {
      store = await open()
    })

    test('knows nothing about a person nobody has computed anything for', async () => {
      expect(await store.read([{ pid: 'ada', feature: 'plan_tier' }], NOON)).toEqual([])
      expect(await store.read([], NOON)).toEqual([])
    })

    test('keeps every member of a row as it was written, numbers as numbers', async () => {
      const rows = [
        row('ada', 'session_duration', { value: 61.25 }),
        row('bo', 'plan_tier', { value: 'plus' }),
      ]
      await store.write(rows)
      expect(byKey(await store.read(rows, NOON))).toEqual(byKey(rows))
    })

    test('reads the pairs that are asked and not the other features of the same people', async () => {
      await store.write(['ada', 'bo'].flatMap((pid) => [row(pid, 'plan_tier'), row(pid, 'last_purchase')]))
      const keys = [
        { pid: 'ada', feature: 'plan_tier' },
        { pid: 'bo', feature: 'last_purchase' },
      ]
      expect(byKey(await store.read(keys, NOON))).toEqual(
        byKey([row('ada', 'plan_tier'), row('bo', 'last_purchase')]),
      )
    })

    test('answers a pair once, however often it is asked', async () => {
      await store.write([row('ada', 'plan_tier')])
      const key = { pid: 'ada', feature: 'plan_tier' }
      expect(await store.read([key, key], NOON)).toHaveLength(1)
    })

    test('serves a value until the moment it runs out, and not in it', async () => {
      await store.write([row('ada', 'plan_tier', { expiresAt: NOON + 1_000 })])
      const at = async (now: number) => (await store.read([{ pid: 'ada', feature: 'plan_tier' }], now)).length
      expect([await at(NOON + 999), await at(NOON + 1_000), await at(NOON + 1_001)]).toEqual([1, 0, 0])
    })

    test('replaces the value of a pair, also within one batch', async () => {
      await store.write([row('ada', 'plan_tier', { value: 'free' })])
      const last = row('ada', 'plan_tier', { value: 'premium', consentId: 'rc-9' })
      await store.write([row('ada', 'plan_tier', { value: 'plus' }), last])
      expect(await store.read([last], NOON)).toEqual([last])
    })

    test('purges what has run out and nothing else', async () => {
      const stays = row('bo', 'plan_tier', { expiresAt: NOON + 2_000 })
      await store.write([row('ada', 'plan_tier', { expiresAt: NOON + 1_000 }), stays])
      expect(await store.purge(NOON + 1_000)).toBe(1)
      expect(await store.purge(NOON + 1_000)).toBe(0)
      expect(await store.read([row('ada', 'plan_tier'), stays], NOON)).toEqual([stays])
    })

    test('writes and reads thousands at once', async () => {
      const rows = Array.from({ length: 6_000 }, (_, n) => row(`pid-${n}`, 'session_duration', { value: n }))
      await store.write(rows)
      expect(byKey(await store.read(rows, NOON))).toEqual(byKey(rows))
    })

    test('follows people to their new pids, and forgets the elder ones', async () => {
      await store.write([row('ada', 'plan_tier'), row('bo', 'plan_tier')])
      const renamed = [{ from: 'ada', to: 'ada-2' }]
      await store.copyPids(renamed)
      await store.copyPids(renamed)
      const ada = { ...row('ada', 'plan_tier'), pid: 'ada-2' }
      expect(await store.read([ada], NOON)).toEqual([ada])
      expect(await store.read([row('ada', 'plan_tier')], NOON)).toHaveLength(1)
      await store.forgetPids(['ada'])
      const left = await store.read([ada, row('ada', 'plan_tier'), row('bo', 'plan_tier')], NOON)
      expect(byKey(left)).toEqual(byKey([ada, row('bo', 'plan_tier')]))
    })

    test('takes names as they are, quotes, braces and all', async () => {
      const odd = row(`__proto__`, `{"a",'b'\\}`, { value: '{"not":"parsed"}' })
      await store.write([odd])
      expect(await store.read([odd], NOON)).toEqual([odd])
    })
  })
}

function row(pid: string, feature: string, rest: Partial<FeatureRow> = {}): FeatureRow {
  return {
    pid,
    feature,
    value: `${feature} of ${pid}`,
    scope: 'personalization',
    consentId: `rc-${pid}`,
    computedAt: NOON - 1,
    expiresAt: NOON + 60_000,
    ...rest,
  }
}

const byKey = (rows: readonly FeatureRow[]): FeatureRow[] =>
  rows.toSorted((a, b) => (a.pid + a.feature < b.pid + b.feature ? -1 : 1))
