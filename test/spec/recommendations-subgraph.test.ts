import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import type { Grant, LookupGrant } from '../../directives/grant.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { createMemoryRecommendationsStore } from '../../subgraphs/recommendations/memory-store.ts'
import type { Product, RecommendationsStore } from '../../subgraphs/recommendations/store.ts'
import type { CurrentFactors } from '../../subgraphs/recommendations/item-factors.ts'
import { createRecommendationsSubgraph } from '../../subgraphs/recommendations/subgraph.ts'
import { factorsOf } from '../support/factors-of.ts'

const granted: LookupGrant = { scopes: ['product_recs'] }
const nobody: LookupGrant = { scopes: [], anonymous: true }

/** What people allow, as the gateway hands it over. */
const BOUGHT: Readonly<Record<string, readonly string[]>> = {
  ada: ['KIT-1', 'GAR-1'],
  anonymous: ['KIT-1'],
}

const factors = factorsOf({
  near: { 'KIT-1': { 'KIT-2': 0.5, 'GAR-1': 0.9 }, 'GAR-1': { 'KIT-2': 0.25, 'GAR-2': 0.6 } },
  popular: { '*': ['KIT-3', 'GAR-2'], 'de-de': ['GAR-2', 'KIT-3'] },
})

/** What was asked of the store, in order. */
let calls: { readonly method: string; readonly input: unknown }[] = []
let store: RecommendationsStore

beforeEach(async () => {
  const memory = createMemoryRecommendationsStore()
  await memory.replace(['KIT-1', 'KIT-2', 'KIT-3', 'GAR-1', 'GAR-2'].map(product))
  calls = []
  store = recording(memory)
})

describe('Recommendations', () => {
  it('are what goes with a person’s purchases, without these, filled up with what is popular', async () => {
    expect(await recommended('ada', '(first: 4)')).toEqual(['KIT-2', 'GAR-2', 'KIT-3'])
    expect(await recommended('ada', '(first: 1)')).toEqual(['KIT-2'])
  })

  it('stay inside the category that is asked', async () => {
    expect(await recommended('ada', '(category: "GAR")')).toEqual(['GAR-2'])
    expect(await recommended('ada', '(category: "KIT")')).toEqual(['KIT-2', 'KIT-3'])
    expect(await recommended('ada', '(category: "nothing")')).toEqual([])
  })

  it.each([
    ['', ['KIT-3', 'GAR-2']],
    ['(locale: "de-DE", first: 2)', ['GAR-2', 'KIT-3']],
    ['(locale: "de_DE", first: 1, category: "GAR")', ['GAR-2']],
    ['(locale: "’ or 1=1", first: 1)', ['KIT-3']],
  ])('for somebody without purchases are what is popular %s', async (input, skus) => {
    expect((await recommended('bo', input)).slice(0, skus.length)).toEqual(skus)
  })

  it('for nobody are what is popular, and nothing any person did is read', async () => {
    const people = await ask(
      `{ people: _entities(representations: ${representations('anonymous')}) {
        ... on Customer { recommendations(first: 2, locale: "de-DE") { sku } }
      } }`,
      { people: nobody },
    )
    expect(people.data).toEqual({ people: [{ recommendations: [{ sku: 'GAR-2' }, { sku: 'KIT-3' }] }] })
    expect(calls).toEqual([{ method: 'products', input: ['GAR-2', 'KIT-3'] }, CATALOGUE])
  })

  it('for nobody are the same as for somebody nothing is known of', async () => {
    expect(await recommended('anonymous', '(locale: "de-DE")')).toEqual(
      await recommended('who-is-this', '(locale: "de-DE")'),
    )
  })

  it('for hundreds of people take one read of each kind', async () => {
    const pids = ['ada', ...Array.from({ length: 300 }, (_, n) => `pid-${n}`)]
    await ask(
      `{ people: _entities(representations: ${representations(...pids)}) {
        ... on Customer { recommendations(first: 3) { sku title } }
      } }`,
      { people: granted },
    )
    expect(calls.map(({ method }) => method).toSorted()).toEqual(['catalogue', 'products', 'products'])
  })

  it('of a house without a model are the catalogue, whatever was bought: nobody counts it', async () => {
    expect(await recommended('ada', '(first: 3)', () => null)).toEqual(['GAR-1', 'GAR-2', 'KIT-1'])
    expect(await recommended('bo', '(first: 3)', () => null)).toEqual(['GAR-1', 'GAR-2', 'KIT-1'])
  })

  it('are not looked for without a grant', async () => {
    const { data, errors } = await ask(
      `{ people: _entities(representations: ${representations('ada')}) {
        ... on Customer { pid recommendations { sku } }
      } }`,
      null,
    )
    expect(data).toEqual({ people: [{ pid: 'ada', recommendations: null }] })
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['GRANT_MISSING'])
    expect(calls).toEqual([])
  })

  it.each([0, -1, 21, 2_000_000])('refuse first: %i before anything is read', async (first) => {
    const { errors } = await ask(
      `{ people: _entities(representations: ${representations('ada')}) {
        ... on Customer { recommendations(first: ${first}) { sku } }
      } }`,
      { people: granted },
    )
    expect(errors?.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
      [expect.stringContaining('(Customer.recommendations(first:), 1 to 20)'), 'BAD_USER_INPUT'],
    ])
    expect(calls).toEqual([])
  })
})

describe('Products', () => {
  it('are listed by sku, of a category, up to a bound', async () => {
    const { data } = await ask(
      '{ all: products { sku } garden: products(category: "GAR", first: 1) { sku } }',
      null,
    )
    expect(data).toEqual({
      all: ['GAR-1', 'GAR-2', 'KIT-1', 'KIT-2', 'KIT-3'].map((sku) => ({ sku })),
      garden: [{ sku: 'GAR-1' }],
    })
    const { errors } = await ask('{ products(first: 101) { sku } }', null)
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT'])
  })

  it('are found one by one, and as entities in one read', async () => {
    const { data } = await ask(
      `{ product(sku: "KIT-1") { sku title category price } missing: product(sku: "nothing") { sku }
        entities: _entities(representations: [
          { __typename: "Product", sku: "KIT-2" }, { __typename: "Product", sku: "nothing" }
        ]) { ... on Product { title } } }`,
      null,
    )
    expect(data).toEqual({
      product: product('KIT-1'),
      missing: null,
      entities: [{ title: 'The KIT-2' }, null],
    })
    expect(calls.map(({ method }) => method)).toEqual(['products'])
  })
})

async function recommended(pid: string, input: string, by: CurrentFactors = factors): Promise<string[]> {
  const { data, errors } = await ask(
    `{ people: _entities(representations: ${representations(pid)}) {
      ... on Customer { recommendations${input} { sku } }
    } }`,
    { people: pid === 'anonymous' ? nobody : granted },
    by,
  )
  expect(errors).toBeUndefined()
  const { people } = data as { people: { recommendations: { sku: string }[] }[] }
  return people.flatMap(({ recommendations }) => recommendations.map(({ sku }) => sku))
}

/** Grants by alias; null: a request without a grant. */
async function ask(
  source: string,
  lookups: Readonly<Record<string, LookupGrant>> | null,
  by: CurrentFactors = factors,
) {
  const { sdl, resolvers, loaders } = createRecommendationsSubgraph({
    store,
    factors: by,
    listTerms: { windowMs: 60_000, listsPerWindow: 1_000 },
  })
  const schema = buildSubgraphSchema([{ typeDefs: normalizeConsent(parse(sdl)), resolvers }])
  enforceGrants(schema, (context) => (context as { grant: Grant | null }).grant)
  const grant: Grant | null = lookups && {
    subgraph: 'recommendations',
    client: 'explorer',
    purpose: 'personalization',
    request: 'r-1',
    actor: null,
    lookups,
  }
  const result = await graphql({
    schema,
    source,
    contextValue: { grant, loaders: loaders?.(), clock: () => 0 },
  })
  // GraphQL's results have no prototype; comparisons want plain objects.
  return { ...result, data: JSON.parse(JSON.stringify(result.data ?? null)) as unknown }
}

function recording(inner: RecommendationsStore): RecommendationsStore {
  return new Proxy(inner, {
    get: (target, method: keyof RecommendationsStore) => (input: never) => {
      calls.push({ method, input })
      return target[method](input)
    },
  })
}

const representations = (...pids: string[]): string =>
  `[${pids
    .map((pid) => {
      const bought = BOUGHT[pid]
      const handed =
        bought === undefined ? '' : `, features: { boughtProducts365d: ${JSON.stringify(bought)} }`
      return `{ __typename: "Customer", pid: "${pid}"${handed} }`
    })
    .join(', ')}]`

const CATALOGUE = { method: 'catalogue', input: { category: null, first: 100 } }

const product = (sku: string): Product => ({
  sku,
  title: `The ${sku}`,
  category: sku.slice(0, 3),
  price: 9.99,
})
