import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import type { Grant } from '../../directives/grant.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import type { FeatureKey, FeaturesStore, TracedRow } from '../../subgraphs/features/store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import { tracedRow, yes } from '../support/feature-rows.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const features = openDefinitions()
const everything = ['analytics', 'product_recs', 'personalization']

let now = NOON
/** Each read of the store: what was asked of whom. */
let reads: (readonly FeatureKey[])[] = []
let store: FeaturesStore

beforeEach(async () => {
  now = NOON
  reads = []
  const memory = createMemoryFeaturesStore()
  await memory.standings.write(
    ['ada', 'bo', 'anonymous'].flatMap((pid) => yes(pid)),
    '1',
  )
  await memory.write(
    ['ada', 'bo', 'anonymous'].flatMap((pid) => features.map(({ name, scope }) => row(pid, name, scope))),
    NOON,
  )
  store = {
    ...memory,
    read: (asked, at) => {
      reads.push(asked.flatMap(({ pid, features: named }) => named.map((one) => ({ pid, ...one }))))
      return memory.read(asked, at)
    },
    trace: (keys, at) => (reads.push(keys), memory.trace(keys, at)),
  }
})

describe('The features subgraph', () => {
  it('serves each value that is granted, and reads all of them in one go', async () => {
    const { data, errors } = await ask(
      `{ people: _entities(representations: ${people('ada', 'bo')}) {
        ... on Customer { pid features { sessionDuration lastPurchase planTier preferredLanguage } }
      } }`,
      { people: everything },
    )
    expect(errors).toBeUndefined()
    const valuesOf = (pid: string) => ({
      pid,
      features: {
        sessionDuration: 42.5,
        lastPurchase: `last_purchase of ${pid}`,
        planTier: `plan_tier of ${pid}`,
        preferredLanguage: `preferred_language of ${pid}`,
      },
    })
    expect(data).toEqual({ people: [valuesOf('ada'), valuesOf('bo')] })
    expect(reads).toHaveLength(1)
    expect(reads[0]).toHaveLength(8)
  })

  it('does not read a feature that is not asked', async () => {
    await ask(
      `{ people: _entities(representations: ${people('ada')}) { ... on Customer { features { planTier } } } }`,
      { people: everything },
    )
    expect(reads).toEqual([[{ pid: 'ada', scope: 'personalization', feature: 'plan_tier' }]])
  })

  it('reads what is asked through fragments, under any name, and each feature once', async () => {
    const { data } = await ask(
      `{ people: _entities(representations: ${people('ada')}) {
        ... on Customer { features { planTier tier: planTier ...more ... on CustomerFeatures { seen: lastProductViewed } } } } }
       fragment more on CustomerFeatures { planTier sessionDuration }`,
      { people: everything },
    )
    const tier = 'plan_tier of ada'
    const seen = 'last_product_viewed of ada'
    expect(data).toEqual({ people: [{ features: { planTier: tier, tier, sessionDuration: 42.5, seen } }] })
    expect(reads.map((keys) => keys.map(({ feature }) => feature))).toEqual([
      ['plan_tier', 'session_duration', 'last_product_viewed'],
    ])
  })

  it('reads for each partition its own features only, and all partitions together', async () => {
    await ask(
      `{ p0: _entities(representations: ${people('ada')}) { ... on Customer { features { planTier } } }
         p1: _entities(representations: ${people('bo')}) { ... on Customer { features { sessionDuration } } } }`,
      { p0: ['personalization'], p1: ['analytics'] },
    )
    expect(reads).toEqual([
      [
        { pid: 'ada', scope: 'personalization', feature: 'plan_tier' },
        { pid: 'bo', scope: 'analytics', feature: 'session_duration' },
      ],
    ])
  })

  it('does not read a feature the grant does not cover', async () => {
    const { data, errors } = await ask(
      `{ people: _entities(representations: ${people('ada')}) {
        ... on Customer { features { planTier sessionDuration } }
      } }`,
      { people: ['analytics'] },
    )
    expect(data).toEqual({ people: [{ features: { planTier: null, sessionDuration: 42.5 } }] })
    expect(errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['people', 0, 'features', 'planTier'], 'GRANT_MISSING'],
    ])
    expect(reads).toEqual([[{ pid: 'ada', scope: 'analytics', feature: 'session_duration' }]])
  })

  it('reads nothing at all without a grant', async () => {
    const { data } = await ask(
      `{ people: _entities(representations: ${people('ada')}) { ... on Customer { pid features { planTier } } } }`,
      null,
    )
    expect(data).toEqual({ people: [{ pid: 'ada', features: { planTier: null } }] })
    expect(reads).toEqual([])
  })

  it('makes one read of hundreds of people', async () => {
    const pids = Array.from({ length: 500 }, (_, n) => `pid-${n}`)
    await ask(
      `{ people: _entities(representations: ${people(...pids)}) {
        ... on Customer { features { planTier sessionDuration } }
      } }`,
      { people: everything },
    )
    expect(reads.map((keys) => keys.length)).toEqual([1_000])
  })

  it('no longer serves a value whose time has run out', async () => {
    now = NOON + 60_000
    const { data } = await ask(
      `{ people: _entities(representations: ${people('ada')}) { ... on Customer { features { planTier } } } }`,
      { people: everything },
    )
    expect(data).toEqual({ people: [{ features: { planTier: null } }] })
  })

  it('answers for somebody it has never heard of as for somebody without values', async () => {
    const { data, errors } = await ask(
      `{ people: _entities(representations: ${people('cyd')}) { ... on Customer { pid features { planTier } } } }`,
      { people: everything },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ people: [{ pid: 'cyd', features: { planTier: null } }] })
  })

  it('has nothing to say about nobody', async () => {
    const { data } = await ask(
      `{ people: _entities(representations: ${people('anonymous')}) { ... on Customer { features { planTier } } } }`,
      { people: everything },
    )
    expect(data).toEqual({ people: [{ features: { planTier: null } }] })
    expect(reads).toEqual([])
  })

  it('answers for who has no value what it answers for nobody', async () => {
    const { data } = await ask(
      `{ people: _entities(representations: ${people('cyd', 'anonymous')}) {
        ... on Customer { features { pageViews7d cartActive24h sessionDuration } }
      } }`,
      { people: everything },
    )
    const nobody = { features: { pageViews7d: 0, cartActive24h: false, sessionDuration: null } }
    expect(data).toEqual({ people: [nobody, nobody] })
  })

  describe('tells where a value comes from', () => {
    const LINEAGE =
      '{ value computedAt expiresAt freshness explanation receipts events { count newest from until } }'

    it('with its events, its receipts and a sentence', async () => {
      await store.commit({
        after: await store.progress(),
        progress: { position: '8', asOf: NOON, revision: '1' },
        now: NOON,
        states: [],
        rows: [],
        empty: [],
      })
      const { data, errors } = await ask(
        `{ people: _entities(representations: ${people('ada')}) {
          ... on Customer { features { lineage { sessionDuration ${LINEAGE} planTier { value explanation } } } }
        } }`,
        { people: everything },
      )
      expect(errors).toBeUndefined()
      expect(data).toEqual({
        people: [
          {
            features: {
              lineage: {
                sessionDuration: {
                  value: 42.5,
                  computedAt: '2026-05-01T11:59:59.999Z',
                  expiresAt: '2026-05-01T12:01:00.000Z',
                  freshness: 'FRESH',
                  explanation:
                    'The mean length of 2 visits between 2026-05-01T11:59:59.991Z and 2026-05-01T11:59:59.995Z, in seconds.',
                  receipts: ['rc-ada'],
                  events: {
                    count: 2,
                    newest: ['ev-8'],
                    from: '2026-05-01T11:59:59.991Z',
                    until: '2026-05-01T11:59:59.995Z',
                  },
                },
                planTier: {
                  value: 'plan_tier of ada',
                  explanation: 'As it was told to the shop; looked up at 2026-05-01T11:59:59.999Z.',
                },
              },
            },
          },
        ],
      })
      expect(reads.map((keys) => keys.length)).toEqual([2])
    })

    it('and withholds it where the value is withheld', async () => {
      const { data, errors } = await ask(
        `{ people: _entities(representations: ${people('ada')}) {
          ... on Customer { features { lineage { sessionDuration { value } planTier { value receipts } } } }
        } }`,
        { people: ['analytics'] },
      )
      expect(data).toEqual({
        people: [{ features: { lineage: { sessionDuration: { value: 42.5 }, planTier: null } } }],
      })
      expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['GRANT_MISSING'])
      expect(reads).toEqual([[{ pid: 'ada', scope: 'analytics', feature: 'session_duration' }]])
    })

    it('and says when something that has happened may not be in it yet', async () => {
      const freshnessAt = async (at: number): Promise<unknown> => {
        now = at
        const { data } = await ask(
          `{ people: _entities(representations: ${people('ada')}) {
            ... on Customer { features { lineage { sessionDuration { freshness } } } }
          } }`,
          { people: everything },
        )
        return JSON.stringify(data).match(/FRESH|STALE/)?.[0]
      }
      const lives = { ...row('ada', 'session_duration', 'analytics'), expiresAt: NOON + 1e8 }
      await store.write([lives], NOON)
      expect(await freshnessAt(NOON - 1 + 900_000)).toBe('FRESH')
      expect(await freshnessAt(NOON + 900_000)).toBe('STALE')
      await store.write([{ ...lives, computedAt: NOON + 900_000, dueAt: NOON + 1_000_000 }], NOON)
      expect(await freshnessAt(NOON + 1_800_000)).toBe('FRESH')
      expect(await freshnessAt(NOON + 1_900_001)).toBe('STALE')
    })
  })
})

/** Scopes by alias; null: a request without a grant. */
async function ask(source: string, lookups: Readonly<Record<string, readonly string[]>> | null) {
  const { sdl, resolvers, loaders } = createFeaturesSubgraph({ store, clock: () => now })
  const schema = buildSubgraphSchema([{ typeDefs: normalizeConsent(parse(sdl)), resolvers }])
  enforceGrants(schema, (context) => (context as { grant: Grant | null }).grant)
  const grant: Grant | null = lookups && {
    subgraph: 'features',
    client: 'explorer',
    purpose: 'personalization',
    request: 'r-1',
    actor: null,
    lookups: Object.fromEntries(Object.entries(lookups).map(([alias, scopes]) => [alias, { scopes }])),
  }
  return plain(await graphql({ schema, source, contextValue: { grant, loaders: loaders?.() } }))
}

/** GraphQL's results have no prototype; comparisons want plain objects. */
const plain = <T extends { data?: unknown }>(result: T): T => ({
  ...result,
  data: JSON.parse(JSON.stringify(result.data ?? null)),
})

const people = (...pids: string[]): string =>
  `[${pids.map((pid) => `{ __typename: "Customer", pid: "${pid}" }`).join(', ')}]`

const row = (pid: string, feature: string, scope: string): TracedRow =>
  tracedRow(pid, feature, {
    value: feature === 'session_duration' ? 42.5 : `${feature} of ${pid}`,
    scope,
    computedAt: NOON - 1,
    expiresAt: NOON + 60_000,
    lineage: {
      count: 2,
      newest: [[NOON - 5, '8', 'ev-8']],
      from: NOON - 9,
      until: NOON - 5,
      receipts: [`rc-${pid}`],
    },
  })
