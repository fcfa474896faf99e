import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import { keepVectors, type KeptVectors } from '../../subgraphs/keep-vectors.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import { consentHere, openStanding } from '../../subgraphs/open-standing.ts'
import { openTraining } from '../../subgraphs/open-training.ts'
import { publishedFactors } from '../../subgraphs/recommendations/published-factors.ts'
import type { ItemFactors } from '../../subgraphs/recommendations/item-factors.ts'
import { createRecommendationsSubgraph } from '../../subgraphs/recommendations/subgraph.ts'
import type { Model } from '../../subgraphs/recommendations/train/model.ts'
import { type CardOf, readModel, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { createRetrieval } from '../../subgraphs/recommendations/vectors/retrieval.ts'
import type { Subgraph } from '../../subgraphs/serve.ts'
import { type Asked, createWorld, type TestSubgraph } from '../support/world.ts'

const DAY = 86_400_000
const NOW = Date.now()
const ITEMS = ['GAR-1', 'GAR-2', 'KIT-1', 'KIT-2']
const COOKS = Array.from({ length: 24 }, (_, n) => `cook-${String(n).padStart(2, '0')}`)
const GARDENERS = ['flora', 'gus']
/** Who bought what cooks buy, and never allowed to be told by it. */
const SILENT = 'sam'

describe('People whose vector is kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-near-'))
  const model = join(folder, 'model')
  let stores: OpenStores
  let factors: ItemFactors
  let heard: () => Promise<void>
  let stop: () => Promise<void>

  const says = (pid: string, status: 'given' | 'withdrawn', when: number) =>
    writeReceipts(
      stores.consent,
      { pid, scopes: ['product_recs'], source: 'test', status },
      { vocabulary: standardVocabulary, now: when },
    )
  /** As the house that is served follows consent. */
  const live = (): void => {
    const { currency, resting: holders } = stores
    const view = consentHere({ ...stores, policy: null, clock: Date.now, leaseMs: 60_000 })
    const running = openStanding({ view, currency, holders, clock: Date.now, log: () => {} })
    heard = async () => running.follower.untilHeard(await stores.consent.revision())
    stop = () => running.stop()
  }
  /** As the command does, while nothing else runs. */
  const keep = async (kept: Model = readModel(model)): Promise<KeptVectors> => {
    const { vectors, storedVectors } = stores
    if (!vectors || storedVectors === null) throw new Error('Vectors are off.')
    await stop()
    const opened = await openTraining(stores, { definitions: openDefinitions(), policy: null })
    const { ports } = opened
    const keeping = { model: kept, ports, vocabulary: standardVocabulary }
    try {
      return await keepVectors({ ...keeping, vectors, storedVectors })
    } finally {
      await opened.stop()
      live()
      await heard()
    }
  }

  beforeAll(async () => {
    const factorsOfItems = ITEMS.flatMap((item) => (item.startsWith('GAR') ? [1, 0] : [0, 1]))
    const about = { kind: 'co-occurrence', privacy: {}, testSeed: null } as unknown as CardOf
    const written = {
      items: ITEMS,
      dims: 2,
      factors: Float32Array.from(factorsOfItems),
      bias: new Float32Array(4),
    }
    writeModel(model, written, about)
    const storedVectors = {
      sigma: '0.05',
      dims: 3,
      mostLinkagePercent: 50,
      sealedScopes: [],
      foundBy: ['explorer'],
    }
    mkdirSync(join(folder, 'data'))
    stores = await openStores({ dataDir: join(folder, 'data'), storedVectors })
    const { recommendations, events } = stores
    live()
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const pid of [...COOKS, ...GARDENERS]) await says(pid, 'given', NOW - 10 * DAY)
    await heard()
    await recommendations.replace(ITEMS.map((sku) => ({ sku, title: sku, category: 'c', price: 1 })))
    const bought = [...COOKS, ...GARDENERS, SILENT].flatMap((pid) =>
      [1, 2].map((n) => ({
        source: 'test',
        eventId: `${pid}-${n}`,
        type: 'purchase',
        version: 1,
        occurredAt: NOW - 2 * DAY,
        receivedAt: NOW - 2 * DAY,
        pid,
        scope: null,
        consentId: null,
        consentRevision: null,
        data: { sku: `${GARDENERS.includes(pid) ? 'GAR' : 'KIT'}-${n}` },
        expiresAt: NOW + 300 * DAY,
      })),
    )
    await events.append(bought, NOW)
  })
  afterAll(async () => {
    await stop()
    await stores.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    factors = await publishedFactors(readModel(model), stores.vectors ?? never(), NOW)
  })

  const ask = (
    text: string,
    {
      purpose = 'personalization',
      people = ['explorer'],
      windowMs = 1,
    }: { purpose?: string; people?: readonly string[]; windowMs?: number } = {},
  ): Promise<Asked> => {
    const terms = {
      windowMs,
      searchesPerWindow: 100,
      purposes: new Set<string>(),
      people: new Map(people.map((client) => [client, 'personalization'])),
    }
    const retrieval =
      people.length === 0
        ? null
        : createRetrieval({
            store: stores.vectors ?? never(),
            terms,
            currency: stores.currency,
            clock: Date.now,
          })
    const recommendations = createRecommendationsSubgraph({
      store: stores.recommendations,
      factors: () => factors,
      listTerms: { windowMs: 900_000, listsPerWindow: 100 },
      people: retrieval,
    })
    const subgraphs = [
      hosted('consent', createConsentSubgraph({ store: stores.consent, clock: Date.now, policy: null })),
      hosted('features', createFeaturesSubgraph({ store: stores.features, clock: Date.now })),
      hosted('recommendations', recommendations),
    ]
    return createWorld({ subgraphs, consents: {} }).ask(text, { purpose })
  }
  const pidsIn = ({ data }: Asked): string[] =>
    [...JSON.stringify(data).matchAll(/"pid":"([^"]+)"/g)].map(([, pid = '']) => pid)

  it('have it once, and only where they agreed when they bought and agree now', async () => {
    const name = factors.model
    expect(await keep()).toEqual({ model: name, people: 26, kept: 26 })
    expect(await keep(), 'noise that is drawn again averages out').toEqual({
      model: name,
      people: 26,
      kept: 0,
    })
  })

  it('have none of a model that ranks by popularity alone', async () => {
    const { card } = readModel(model)
    const flat = {
      card: { ...card, version: 'flat' },
      items: ITEMS,
      dims: 0,
      factors: new Float32Array(0),
      bias: Float32Array.of(4, 3, 2, 1),
    }
    await expect(keep(flat)).rejects.toMatchObject({ extensions: { code: 'VECTOR_MODEL_OF_POPULARITY' } })
    expect(await stores.vectors?.model('co-occurrence/flat'), 'and it is not published for it').toBeNull()
  })

  it('are found by whoever may look for them, nearest first, and nobody else is', async () => {
    const found = pidsIn(await ask('{ customersNear(products: ["GAR-1"], first: 2) { pid } }'))
    expect(found.toSorted()).toEqual(GARDENERS)
    const [line] = (await stores.vectors?.retrievals(1)) ?? []
    expect(line).toMatchObject({
      client: 'explorer',
      purpose: 'personalization',
      among: 'people',
      k: 2,
      given: 2,
      outcome: 'given',
    })
  })

  it('are twenty different ones, however many aliases ask', async () => {
    const aliases = ['KIT-1', 'KIT-2', 'GAR-1'].map(
      (sku, n) => `a${n}: customersNear(products: ["${sku}"]) { pid }`,
    )
    const found = new Set(pidsIn(await ask(`{ ${aliases.join(' ')} }`, { windowMs: 900_000 })))
    expect(found.size).toBe(20)
    expect(found.has(SILENT)).toBe(false)
  })

  it.each([
    ['a client that is not named', 'VECTOR_ROLE_MISSING', { people: ['campaigns'] }],
    ['another purpose', 'VECTOR_ROLE_MISSING', { purpose: 'marketing' }],
    ['anybody where nobody may', 'STORED_VECTORS_OFF', { people: [] }],
  ])('are not found by %s', async (_, code, options) => {
    const { data, errors } = await ask('{ customersNear(products: ["KIT-1"]) { pid } }', options)
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ extensions: { subgraphCode: code } }])
  })

  it.each([
    ['too many', '(products: ["KIT-1"], first: 21)', 'BAD_USER_INPUT'],
    ['none', '(products: ["KIT-1"], first: 0)', 'BAD_USER_INPUT'],
    ['by nothing', '(products: [])', 'BAD_USER_INPUT'],
    ['by what the model does not know', '(products: ["TOY-1"])', 'SUBGRAPH_ERROR'],
  ])('are not looked for: %s', async (_, given, code) => {
    const before = (await stores.vectors?.retrievals(100))?.length
    const { errors } = await ask(`{ customersNear${given} { pid } }`)
    expect(errors).toMatchObject([{ extensions: { code } }])
    expect((await stores.vectors?.retrievals(100))?.length).toBe(before)
  })

  it('are not found from the moment on in which they take their yes back, and their vector goes', async () => {
    await says('flora', 'withdrawn', Date.now())
    await heard()
    const found = pidsIn(await ask('{ customersNear(products: ["GAR-1"], first: 2) { pid } }'))
    expect(found).toContain('gus')
    expect(found).not.toContain('flora')
    await stores.vectors?.purgeDead(Date.now(), ['flora'])
    await says('flora', 'given', Date.now())
    await heard()
    expect(await keep(), 'what was bought before the new yes is not hers to give again').toMatchObject({
      people: 25,
      kept: 0,
    })
  })
})

const hosted = <L>(name: string, { sdl, resolvers, loaders }: Subgraph<L>): TestSubgraph => ({
  name,
  sdl,
  resolvers,
  ...(loaders && { loaders }),
})

const never = (): never => {
  throw new Error('Vectors are off.')
}
