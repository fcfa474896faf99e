import { beforeEach, describe, expect, test } from 'vitest'
import type { FeatureState } from '../../subgraphs/features/materialise/feature-state.ts'
import type { FeatureKey, FeaturesStore, StateKey, Step, TracedRow } from '../../subgraphs/features/store.ts'
import { readValues, type ServedValue, tracedRow, yes } from '../support/feature-rows.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

/** What every features store promises. `open` gives an empty one. */
export function featuresStoreContract(engine: string, open: () => Promise<FeaturesStore>): void {
  describe(`A features store on ${engine}`, () => {
    let store: FeaturesStore
    beforeEach(async () => {
      store = await open()
      await store.standings.write(
        ['ada', 'bo', 'cyd', '__proto__'].flatMap((pid) => yes(pid)),
        '9',
      )
    })

    test('knows nothing about a person nobody has computed anything for', async () => {
      expect(await readValues(store, [row('ada', 'plan_tier')], NOON)).toEqual([])
      expect(await readValues(store, [], NOON)).toEqual([])
    })

    test('keeps every member of a row as it was written, numbers as numbers', async () => {
      const rows = [
        row('ada', 'session_duration', { value: 61.25, scope: 'analytics', dueAt: NOON + 5 }),
        row('bo', 'plan_tier', { value: 'plus' }),
        row('bo', 'cart_active_24h', { value: false, scope: 'analytics' }),
      ]
      expect(await store.write(rows, NOON)).toBe(3)
      expect(byKey(await store.trace(rows, NOON))).toEqual(byKey(rows))
      expect(byKey(await readValues(store, rows, NOON))).toEqual(byKey(rows.map(servedOf)))
      expect(byKey(await store.trace(rows, NOON))).toEqual(byKey(rows))
    })

    test('answers the keys that are asked and not the other features of the same people', async () => {
      await write(
        store,
        ['ada', 'bo'].flatMap((pid) => [row(pid, 'plan_tier'), row(pid, 'preferred_language')]),
      )
      const keys = [row('ada', 'plan_tier'), row('bo', 'preferred_language')]
      expect(await read(store, keys)).toEqual(['ada plan_tier', 'bo preferred_language'])
    })

    test('answers each question at its place, of the scopes that are asked for this person', async () => {
      await write(store, [
        row('ada', 'plan_tier'),
        row('ada', 'sessions_7d', { scope: 'analytics', value: 3 }),
        row('bo', 'plan_tier', { value: 'plus' }),
      ])
      const tier = { scope: 'personalization', feature: 'plan_tier' }
      const sessions = { scope: 'analytics', feature: 'sessions_7d' }
      const asked = [
        { pid: 'dee', features: [tier] },
        { pid: 'bo', features: [tier, sessions] },
        { pid: 'ada', features: [sessions] },
        { pid: 'ada', features: [sessions, tier] },
        { pid: 'ada', features: [] },
        { pid: 'ada', features: [{ ...tier, scope: 'analytics' }] },
      ]
      const read = await store.read(asked, NOON)
      expect(read.map((values, at) => asked[at]?.features.map((_, place) => values[place]))).toEqual([
        [undefined],
        ['plus', undefined],
        [3],
        [3, 'plan_tier of ada'],
        [],
        [undefined],
      ])
      for (const [at, values] of read.entries())
        expect(values.length).toBeLessThanOrEqual(asked[at]?.features.length ?? 0)
    })

    test('answers a key at each place at which it is asked', async () => {
      await write(store, [row('ada', 'plan_tier')])
      const tier = { scope: 'personalization', feature: 'plan_tier' }
      const [values] = await store.read([{ pid: 'ada', features: [tier, tier] }], NOON)
      expect(values).toEqual(['plan_tier of ada', 'plan_tier of ada'])
    })

    test('serves a value until the moment it runs out, and not in it, whatever else there is of the person', async () => {
      const rows = [row('ada', 'plan_tier', { expiresAt: NOON + 1_000 }), row('ada', 'preferred_language')]
      await write(store, rows)
      const at = async (now: number) =>
        (await readValues(store, rows, now)).map(({ feature }) => feature).toSorted()
      expect(await at(NOON + 999)).toEqual(['plan_tier', 'preferred_language'])
      expect(await at(NOON + 1_000)).toEqual(['preferred_language'])
      expect(await at(NOON + 60_000)).toEqual([])
    })

    test('replaces the value of a key, also within one batch, and leaves the others of the person', async () => {
      await write(store, [row('ada', 'plan_tier', { value: 'free' }), row('ada', 'preferred_language')])
      const last = row('ada', 'plan_tier', { value: 'premium', consentId: 'rc-9' })
      await write(store, [row('ada', 'plan_tier', { value: 'plus' }), last])
      expect((await readValues(store, [last], NOON))[0]).toMatchObject({ value: 'premium' })
      expect(await read(store, [row('ada', 'preferred_language')])).toHaveLength(1)
    })

    test('purges what has run out and nothing else', async () => {
      const stays = row('ada', 'preferred_language', { expiresAt: NOON + 2_000 })
      await write(store, [
        row('ada', 'plan_tier', { expiresAt: NOON + 1_000 }),
        stays,
        row('bo', 'plan_tier', { expiresAt: NOON + 1_000 }),
      ])
      expect(await store.purge(NOON + 1_000)).toBe(2)
      expect(await store.purge(NOON + 1_000)).toBe(0)
      expect(await read(store, [row('ada', 'plan_tier'), row('bo', 'plan_tier'), stays])).toEqual([
        'ada preferred_language',
      ])
    })

    test('writes and reads thousands at once', async () => {
      const pids = Array.from({ length: 3_000 }, (_, n) => `pid-${n}`)
      await store.standings.write(
        pids.flatMap((pid) => yes(pid)),
        '9',
      )
      const rows = pids.flatMap((pid, n) => [
        row(pid, 'plan_tier', { value: n }),
        row(pid, 'preferred_language'),
      ])
      expect(await store.write(rows, NOON)).toBe(6_000)
      expect(await readValues(store, rows, NOON)).toHaveLength(6_000)
    })

    describe('asks consent in the query itself', () => {
      test('what was withdrawn is not there, purged or not, and does not come back with a later yes', async () => {
        const kept = row('ada', 'plan_tier')
        await write(store, [kept, row('bo', 'plan_tier')])
        await store.standings.write(
          [{ ...only('ada'), granted: false, receipt: null, revision: '20', cut: '20', basis: '0' }],
          '20',
        )
        expect(await read(store, [kept, row('bo', 'plan_tier')])).toEqual(['bo plan_tier'])
        await store.standings.write([{ ...only('ada'), revision: '30', cut: '20', basis: '30' }], '30')
        expect(await read(store, [kept])).toEqual([])
        expect(await store.write([kept], NOON), 'a late write of what rests on the elder yes').toBe(0)
        expect(await read(store, [kept])).toEqual([])
        const fresh = row('ada', 'preferred_language', { consentRevision: '30' })
        expect(await store.write([fresh], NOON)).toBe(1)
        expect(await read(store, [kept, fresh]), 'nothing of before comes back with it').toEqual([
          'ada preferred_language',
        ])
      })

      test('a yes that runs out takes everything with it in that moment', async () => {
        await store.standings.write([{ ...only('ada'), expiresAt: NOON + 500, revision: '11' }], '11')
        await write(store, [row('ada', 'plan_tier')])
        expect(await readValues(store, [row('ada', 'plan_tier')], NOON + 499)).toHaveLength(1)
        expect(await readValues(store, [row('ada', 'plan_tier')], NOON + 500)).toEqual([])
        expect(await store.write([row('ada', 'plan_tier')], NOON + 500)).toBe(0)
      })

      test('without a standing nothing is taken, and of who is blocked neither', async () => {
        expect(await store.write([row('dee', 'plan_tier')], NOON)).toBe(0)
        await write(store, [row('ada', 'plan_tier')])
        await store.standings.write([], '21', {
          blocks: [{ pid: 'ada', kind: 'suppressed', revision: '21' }],
        })
        expect(await store.write([row('ada', 'plan_tier')], NOON)).toBe(0)
        expect(await read(store, [row('ada', 'plan_tier')])).toEqual([])
      })

      test('what rests on something that was cut is gone, also when what lies beside it rests on something later', async () => {
        const one = row('ada', 'plan_tier', { consentRevision: '5' })
        const other = row('ada', 'preferred_language', { consentRevision: '8' })
        await write(store, [one, other])
        await store.standings.write([{ ...only('ada'), revision: '21', cut: '6', basis: '8' }], '21')
        expect(await read(store, [one])).toEqual([])
      })

      test('what rests on the very word that was cut is gone', async () => {
        await write(store, [row('ada', 'plan_tier', { consentRevision: '5' })])
        await store.standings.write([{ ...only('ada'), revision: '21', cut: '5', basis: '21' }], '21')
        expect(await read(store, [row('ada', 'plan_tier')])).toEqual([])
        expect(await store.trace([row('ada', 'plan_tier')], NOON)).toEqual([])
      })

      test('purges what is dead, of these people or of all', async () => {
        await write(
          store,
          ['ada', 'bo', 'cyd'].map((pid) => row(pid, 'plan_tier')),
        )
        await store.standings.write(
          ['ada', 'bo'].map((pid) => ({ ...only(pid), revision: '20', cut: '20' })),
          '20',
        )
        expect(await store.purgeDead(NOON, ['cyd', 'bo'])).toBe(1)
        expect(await store.purgeDead(NOON)).toBe(1)
        expect(await store.purgeDead(NOON)).toBe(0)
        expect(await read(store, [row('cyd', 'plan_tier')])).toHaveLength(1)
      })
    })

    describe('is materialised in steps', () => {
      const key: FeatureKey = { pid: 'ada', scope: 'analytics', feature: 'sessions_7d' }
      const kept: StateKey = { ...key, event: 'session' }
      const state: FeatureState = { digest: 'd', revision: '7', buckets: {} }
      const stepTo = async (position: string, rest: Partial<Step> = {}): Promise<boolean> => {
        const after = await store.progress()
        const progress = { ...after, position, asOf: NOON }
        return store.commit({ after, progress, now: NOON, states: [], rows: [], empty: [], ...rest })
      }

      test('each of which is there whole, or not at all when another one was quicker', async () => {
        const after = await store.progress()
        expect(after).toEqual({ position: '0', asOf: 0, revision: '0' })
        const value = row('ada', 'sessions_7d', { ...key, value: 3 })
        expect(await stepTo('5', { states: [{ ...kept, state }], rows: [value] })).toBe(true)
        expect(await store.progress()).toEqual({ position: '5', asOf: NOON, revision: '0' })
        expect(await stepTo('6', { after, rows: [{ ...value, value: 4 }] })).toBe(false)
        expect((await readValues(store, [key], NOON))[0]).toMatchObject({ value: 3 })
        expect(await store.states([kept], NOON)).toEqual([{ ...kept, state }])
        expect(await stepTo('6', { empty: [key] })).toBe(true)
        expect(await readValues(store, [key], NOON)).toEqual([])
      })

      test('of which nothing is taken that is not alive, and nothing kept is used any more', async () => {
        await stepTo('5', { states: [{ ...kept, state }] })
        await store.standings.write([{ ...only('ada'), scope: 'analytics', revision: '20', cut: '20' }], '20')
        expect(await store.states([kept], NOON)).toEqual([])
        await stepTo('6', {
          states: [{ ...kept, state: { ...state, revision: '20' } }],
          rows: [row('ada', 'sessions_7d', { ...key, value: 3, consentRevision: '20' })],
        })
        expect(await store.states([kept], NOON)).toEqual([])
        expect(await readValues(store, [key], NOON)).toEqual([])
      })

      test('of what is kept for several features of one event, one alone is written, and the others stay', async () => {
        const other: StateKey = { ...kept, feature: 'longest_session_30d' }
        const fresh = { ...state, revision: '8', buckets: {} }
        await stepTo('5', {
          states: [
            { ...kept, state },
            { ...other, state },
          ],
        })
        await stepTo('6', { states: [{ ...other, state: fresh }] })
        const all = await store.states([kept, other, { ...kept, feature: 'sessions_1d' }], NOON)
        expect(all).toEqual([
          { ...kept, state },
          { ...other, state: fresh },
        ])
        expect(await store.states([other], NOON)).toEqual([{ ...other, state: fresh }])
        // What rests on a consent that is gone takes none of it along.
        await store.standings.write(
          [{ ...only('ada'), scope: 'analytics', revision: '20', cut: '20', basis: '21' }],
          '20',
        )
        await stepTo('7', { states: [{ ...other, state: { ...fresh, revision: '21' } }] })
        expect(await store.states([kept, other], NOON)).toEqual([
          { ...other, state: { ...fresh, revision: '21' } },
        ])
      })

      test('and what goes of a row is answered no more, while the rest of it stays', async () => {
        const [gone, over, other] = ['page_views_7d', 'sessions_1d', 'sessions_7d'].map((feature) =>
          row('ada', feature, {
            scope: 'analytics',
            value: 4,
            expiresAt: NOON + (feature === 'sessions_1d' ? 1 : 9),
          }),
        )
        await write(store, [gone!, over!, other!])
        await stepTo('5', { empty: [gone!] })
        const left = async (now: number) =>
          new Map(
            (await readValues(store, [gone!, over!, other!], now)).map(({ feature, value }) => [
              feature,
              value,
            ]),
          )
        expect(await left(NOON)).toEqual(
          new Map([
            ['sessions_1d', 4],
            ['sessions_7d', 4],
          ]),
        )
        expect(await store.purge(NOON + 1)).toBe(1)
        expect(await left(NOON)).toEqual(new Map([['sessions_7d', 4]]))
        expect(await store.purge(NOON + 9)).toBe(1)
        expect(await left(NOON)).toEqual(new Map())
      })

      test('and says which values have become others', async () => {
        await write(store, [
          row('ada', 'sessions_7d', { ...key, value: 3, dueAt: NOON + 2 }),
          row('ada', 'page_views_7d', { scope: 'analytics', value: 4, dueAt: NOON + 1 }),
          row('bo', 'plan_tier'),
        ])
        expect(await store.due(NOON, 10)).toEqual([])
        expect(await store.due(NOON + 1, 10)).toEqual([
          { pid: 'ada', scope: 'analytics', feature: 'page_views_7d' },
        ])
        expect(await store.ages(NOON + 2)).toEqual([
          { feature: 'page_views_7d', values: 1, dueSince: NOON + 1 },
          { feature: 'plan_tier', values: 1, dueSince: null },
          { feature: 'sessions_7d', values: 1, dueSince: NOON + 2 },
        ])
      })

      test('and says who has agreed since', async () => {
        await store.standings.write(
          [
            { ...only('cyd'), revision: '40' },
            { ...only('dee'), revision: '41', granted: false },
          ],
          '41',
        )
        expect(await store.grantedAfter('9', 10)).toEqual([
          { pid: 'cyd', scope: 'personalization', revision: '40' },
        ])
        expect(await store.grantedAfter('0', 1), 'all of the last revision').toHaveLength(15)
      })

      test('and says for whom something holds by policy alone, and how far they were looked at', async () => {
        const byPolicy = (pid: string, granted = true) => ({
          ...only(pid),
          granted,
          receipt: granted ? 'policy:default@1/eu/a' : null,
        })
        await store.standings.write(
          [
            byPolicy('eve'),
            byPolicy('cyd'),
            { ...byPolicy('cyd'), scope: 'analytics' },
            byPolicy('dee', false),
          ],
          '9',
        )
        expect(await store.byPolicy(null, 10)).toEqual(['cyd', 'eve'])
        expect(await store.byPolicy(null, 1)).toEqual(['cyd'])
        expect(await store.byPolicy('cyd', 10)).toEqual(['eve'])
        // Whose yes has waited has values, and nothing to go on from.
        await write(store, [row('ada', 'sessions_7d', { ...key, value: 3 })])
        expect(await store.byPolicy(null, 10)).toEqual(['ada', 'cyd', 'eve'])
        expect(await store.policyLook()).toEqual({ policy: null, upTo: null })
        await store.looked({ policy: 'default@1', upTo: 'cyd' })
        expect(await store.policyLook()).toEqual({ policy: 'default@1', upTo: 'cyd' })
      })
    })

    test('while a yes waits for a policy its values are not read, and stay; what is kept to go on from goes', async () => {
      const waiting = { ...only('ada'), granted: false }
      const value = row('ada', 'plan_tier')
      await store.commit({
        after: { position: '0', asOf: 0, revision: '0' },
        progress: { position: '1', asOf: NOON, revision: '0' },
        now: NOON,
        states: [],
        rows: [value],
        empty: [],
      })
      await store.standings.write([{ ...waiting, revision: '9' }], '9')
      expect(await readValues(store, [value], NOON)).toEqual([])
      expect(await store.purgeDead(NOON)).toBe(0)
      await store.standings.write([{ ...only('ada'), revision: '10' }], '10')
      expect(await readValues(store, [value], NOON)).toEqual([servedOf(value)])

      await store.standings.write([{ ...waiting, revision: '11', expiresAt: NOON + 5 }], '11')
      expect(await store.purgeDead(NOON + 4, ['ada'])).toBe(0)
      expect(await store.purgeDead(NOON + 5, ['ada']), 'has run out meanwhile').toBe(1)
    })

    test('follows people to their new pids with what was heard of them, and forgets the elder ones', async () => {
      await write(store, [row('ada', 'plan_tier'), row('bo', 'plan_tier')])
      const renamed = [{ from: 'ada', to: 'ada-2' }]
      await store.copyPids(renamed)
      await store.copyPids(renamed)
      expect(await read(store, [row('ada-2', 'plan_tier'), row('ada', 'plan_tier')])).toHaveLength(2)
      await store.forgetPids(['ada'])
      const all = ['ada-2', 'ada', 'bo'].map((pid) => row(pid, 'plan_tier'))
      expect(await read(store, all)).toEqual(['ada-2 plan_tier', 'bo plan_tier'])
    })

    test('takes names as they are, quotes, braces and all', async () => {
      const odd = row(`__proto__`, `{"a",'b'\\}`, { value: '{"not":"parsed"}' })
      await write(store, [odd, row('__proto__', '__proto__', { value: 1 })])
      expect(await store.trace([odd], NOON)).toEqual([odd])
      expect(await read(store, [row('__proto__', '__proto__'), row('__proto__', 'constructor')])).toEqual([
        '__proto__ __proto__',
      ])
    })
  })
}

const write = (store: FeaturesStore, rows: readonly TracedRow[]): Promise<number> => store.write(rows, NOON)

const read = async (store: FeaturesStore, keys: readonly FeatureKey[]): Promise<string[]> =>
  (await readValues(store, keys, NOON)).map(({ pid, feature }) => `${pid} ${feature}`).toSorted()

const only = (pid: string) => yes(pid, ['personalization'])[0] as NonNullable<ReturnType<typeof yes>[0]>

const row = (pid: string, feature: string, rest: Partial<TracedRow> = {}): TracedRow =>
  tracedRow(pid, feature, { computedAt: NOON - 1, expiresAt: NOON + 60_000, ...rest })

const servedOf = ({ pid, scope, feature, value }: TracedRow): ServedValue => ({ pid, scope, feature, value })

const byKey = <T extends FeatureKey>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a.pid + a.feature < b.pid + b.feature ? -1 : 1))
