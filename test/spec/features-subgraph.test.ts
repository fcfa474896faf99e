import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import type { Grant } from '../../directives/grant.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import type { FeatureKey, FeatureRow, FeaturesStore } from '../../subgraphs/features/store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const features = openDefinitions()
const everything = ['analytics', 'product_recs', 'personalization']

let now = NOON
/** Each read of the store: the pairs that were asked. */
let reads: (readonly FeatureKey[])[] = []
let store: FeaturesStore

beforeEach(async () => {
  now = NOON
  reads = []
  const memory = createMemoryFeaturesStore()
  await memory.write(
    ['ada', 'bo', 'anonymous'].flatMap((pid) => features.map(({ name, scope }) => row(pid, name, scope))),
  )
  store = { ...memory, read: (keys, at) => (reads.push(keys), memory.read(keys, at)) }
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
    expect(reads).toEqual([[{ pid: 'ada', feature: 'plan_tier' }]])
  })

  it('reads for each partition its own features only, and all partitions together', async () => {
    await ask(
      `{ p0: _entities(representations: ${people('ada')}) { ... on Customer { features { planTier } } }
         p1: _entities(representations: ${people('bo')}) { ... on Customer { features { sessionDuration } } } }`,
      { p0: ['personalization'], p1: ['analytics'] },
    )
    expect(reads).toEqual([
      [
        { pid: 'ada', feature: 'plan_tier' },
        { pid: 'bo', feature: 'session_duration' },
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
    expect(reads).toEqual([[{ pid: 'ada', feature: 'session_duration' }]])
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

const row = (pid: string, feature: string, scope: string): FeatureRow => ({
  pid,
  feature,
  value: feature === 'session_duration' ? 42.5 : `${feature} of ${pid}`,
  scope,
  consentId: `rc-${pid}`,
  computedAt: NOON - 1,
  expiresAt: NOON + 60_000,
})
