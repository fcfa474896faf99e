import { beforeEach, describe, expect, test } from 'vitest'
import {
  createMemoryVectors,
  type MemoryVectors,
} from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import {
  type Asked,
  createRetrieval,
  type Retrieval,
  type Retrieved,
} from '../../subgraphs/recommendations/vectors/retrieval.ts'
import { yes } from '../support/feature-rows.ts'
import { itemsOf, personVector, TOWER } from '../support/vectors.ts'

const HOUR = 3_600_000

describe('Whoever asks for what is near', () => {
  let store: MemoryVectors
  let retrieval: Retrieval
  let now = Date.UTC(2026, 4, 1, 12)
  let isCurrent = true
  let turn = 0
  let whileCounted = async (): Promise<void> => {}
  const read: string[] = []
  const ASKED: Asked = {
    caller: 'shop',
    purpose: 'personalization',
    model: 'tower-1',
    vector: Float32Array.of(1, 0, 0, 0),
    k: 20,
  }

  beforeEach(async () => {
    store = createMemoryVectors()
    await store.publish(TOWER, itemsOf(100, 4))
    await store.standings.write([...yes('ada'), ...yes('bo')], '1')
    await store.put([personVector('ada'), personVector('bo')], now)
    read.length = 0
    isCurrent = true
    whileCounted = async () => {}
    const watched = {
      ...store,
      items: (search: Parameters<typeof store.items>[0]) => (read.push('items'), store.items(search)),
      people: (search: Parameters<typeof store.people>[0]) => (read.push('people'), store.people(search)),
      handOut: async (handings: Parameters<typeof store.handOut>[0]) => {
        await whileCounted()
        return store.handOut(handings)
      },
    }
    retrieval = createRetrieval({
      store: watched,
      terms: {
        windowMs: HOUR,
        searchesPerWindow: 50,
        purposes: new Set(['personalization']),
        people: new Map([['audience-desk', 'marketing']]),
      },
      currency: { isCurrent: () => isCurrent, turn: () => turn },
      clock: () => now,
    })
  })

  test('is given the best, at most twenty', async () => {
    const { found, withheld, model } = await retrieval.search(ASKED)
    expect(found).toHaveLength(20)
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
    expect({ withheld, card: model.card }).toEqual({ withheld: 0, card: 'card-1' })
  })

  test.each<[string, string, Partial<Asked>]>([
    ['more than twenty', 'VECTOR_K_OUT_OF_RANGE', { k: 21 }],
    ['none', 'VECTOR_K_OUT_OF_RANGE', { k: 0 }],
    ['half a one', 'VECTOR_K_OUT_OF_RANGE', { k: 1.5 }],
    ['what is near no number', 'VECTOR_NOT_FINITE', { vector: Float32Array.of(NaN, 0, 0, 0) }],
    ['what is infinitely far', 'VECTOR_NOT_FINITE', { vector: Float32Array.of(0, -Infinity, 0, 0) }],
    ['more than a number of 32 bits holds', 'VECTOR_NOT_FINITE', { vector: Float32Array.of(1e39, 0, 0, 0) }],
    ['with too few coordinates', 'VECTOR_DIMENSION', { vector: Float32Array.of(1, 0, 0) }],
    ['with too many', 'VECTOR_DIMENSION', { vector: Float32Array.of(1, 0, 0, 0, 0) }],
    ['a model that is not there', 'VECTOR_MODEL_UNKNOWN', { model: 'tower-9' }],
    ['a model without a name', 'VECTOR_MODEL_UNKNOWN', { model: '' }],
    ['without saying who', 'VECTOR_CALLER_MISSING', { caller: '' }],
    ['without saying what for', 'VECTOR_CALLER_MISSING', { purpose: '' }],
    ['for a purpose that allows no profile', 'VECTOR_ROLE_MISSING', { purpose: 'service' }],
    [
      'past a list that is too long',
      'VECTOR_TOO_MANY_NAMED',
      { eligible: { except: Array.from({ length: 10_001 }, String) } },
    ],
  ])('asks for %s: %s, before any vector is read', async (_, code, asked) => {
    await expect(retrieval.search({ ...ASKED, ...asked })).rejects.toMatchObject({ extensions: { code } })
    expect(read).toEqual([])
  })

  test('finds people only by name of client and for its purpose, and is written down where it is refused', async () => {
    const people = { ...ASKED, scope: 'product_recs' }
    await expect(retrieval.people(people)).rejects.toMatchObject({
      extensions: { code: 'VECTOR_ROLE_MISSING' },
    })
    await expect(retrieval.people({ ...people, caller: 'audience-desk' })).rejects.toMatchObject({
      extensions: { code: 'VECTOR_ROLE_MISSING' },
    })
    const desk = { ...people, caller: 'audience-desk', purpose: 'marketing' }
    expect((await retrieval.people(desk)).found.map(({ id }) => id)).toEqual(['ada', 'bo'])
    expect((await store.retrievals(9)).map(({ client, outcome, given }) => [client, outcome, given])).toEqual(
      [
        ['audience-desk', 'given', 2],
        ['audience-desk', 'VECTOR_ROLE_MISSING', 0],
        ['shop', 'VECTOR_ROLE_MISSING', 0],
      ],
    )
  })

  test('is told that nobody can be found while consent is not current, and not that there are few', async () => {
    const desk = { ...ASKED, caller: 'audience-desk', purpose: 'marketing', scope: 'product_recs' }
    isCurrent = false
    await expect(retrieval.people(desk)).rejects.toMatchObject({
      extensions: { code: 'VECTORS_NOT_CURRENT' },
    })
    expect(read).toEqual([])
  })

  test('is not told of somebody who took their yes back while it was counted', async () => {
    const desk = { ...ASKED, caller: 'audience-desk', purpose: 'marketing', scope: 'product_recs' }
    whileCounted = async () => {
      await store.standings.forgetPids(['ada'])
      turn += 1
    }
    expect((await retrieval.people(desk)).found.map(({ id }) => id)).toEqual(['bo'])
    whileCounted = async () => void (isCurrent = false)
    await expect(retrieval.people(desk)).rejects.toMatchObject({
      extensions: { code: 'VECTORS_NOT_CURRENT' },
    })
  })

  test('does not get by many ways what one way does not give: aliases, pages, batches at once', async () => {
    const ask = (n: number): Promise<Retrieved> =>
      retrieval.search({
        ...ASKED,
        vector: Float32Array.of(Math.cos(n), Math.sin(n), Math.cos(2 * n), Math.sin(3 * n)),
      })
    const ways = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => ask(n)))
    const given = ways.flatMap((way) => (way.status === 'fulfilled' ? way.value.found : []))
    const codes = ways.flatMap((way) => (way.status === 'rejected' ? [way.reason.extensions.code] : []))
    expect(new Set(given.map(({ id }) => id)).size).toBe(20)
    expect(new Set(codes)).toEqual(new Set(['VECTOR_CAP_REACHED']))
    const again = await retrieval.search(ASKED).catch(() => ({ found: [], withheld: 20 }))
    expect(again.found.length + again.withheld).toBe(20)
  })

  test('gets the same again for nothing, and others when the window has passed', async () => {
    const first = await retrieval.search(ASKED)
    expect(await retrieval.search(ASKED)).toEqual(first)
    const other = { ...ASKED, vector: Float32Array.of(-1, 0, 0, 0) }
    await expect(retrieval.search(other)).rejects.toMatchObject({
      extensions: { code: 'VECTOR_CAP_REACHED' },
    })
    expect((await store.retrievals(1))[0]).toMatchObject({ outcome: 'VECTOR_CAP_REACHED', given: 0 })
    now += HOUR
    expect((await retrieval.search(other)).found).toHaveLength(20)
  })

  test('who is served for one person is not short for another, and who finds people is, whomever they name', async () => {
    for (const about of ['ada', 'bo'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await retrieval.search({ ...ASKED, about })).withheld).toBe(0)
    const other = { ...ASKED, vector: Float32Array.of(-1, 0, 0, 0), about: 'ada' }
    await expect(retrieval.search(other)).rejects.toMatchObject({
      extensions: { code: 'VECTOR_CAP_REACHED' },
    })
    const many = Array.from({ length: 30 }, (_, n) => `pid-${n}`)
    await store.standings.write(
      many.flatMap((pid) => yes(pid)),
      '1',
    )
    await store.put(
      many.map((pid, n) => personVector(pid, { vector: Float32Array.of(n + 2, 0, 0, 0) })),
      now,
    )
    const desk = { ...ASKED, caller: 'audience-desk', purpose: 'marketing', scope: 'product_recs' }
    expect((await retrieval.people({ ...desk, about: 'ada' })).found).toHaveLength(20)
    const others = { ...desk, about: 'bo', eligible: { except: many.slice(10) } }
    await expect(retrieval.people(others)).rejects.toMatchObject({
      extensions: { code: 'VECTOR_CAP_REACHED' },
    })
  })

  test('may ask so often in a window, and the refusals of a flood are one line', async () => {
    for (let n = 0; n < 50; n += 1) await retrieval.search(ASKED)
    for (let n = 0; n < 5; n += 1)
      // oxlint-disable-next-line no-await-in-loop
      await expect(retrieval.search(ASKED)).rejects.toMatchObject({
        extensions: { code: 'VECTOR_QUOTA_SPENT' },
      })
    const lines = await store.retrievals(100)
    expect(lines.filter(({ outcome }) => outcome === 'VECTOR_QUOTA_SPENT')).toHaveLength(1)
  })
})
