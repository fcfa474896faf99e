import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { followModel } from '../../subgraphs/recommendations/follow-model.ts'
import { type CardOf, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { exactSearch } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import { numbersFrom } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import { createRetrieval } from '../../subgraphs/recommendations/vectors/retrieval.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import type { VectorStore } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { yes } from '../support/feature-rows.ts'
import { openPersonalShop } from '../support/personal-shop.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { emptyVectors, MIGRATION, personVector, randomVector, TOWER } from '../support/vectors.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const SOLD = ['GAR-1', 'GAR-2', 'KIT-1', 'KIT-2', 'KIT-3']
const OUTDOOR = Array.from({ length: 600 }, (_, n) => `OUT-${10 + n}`)

describe.skipIf(POSTGRES_URL === '')('Answers from vectors on PostgreSQL', () => {
  const engine = ownPostgres('vectors_serve', MIGRATION, ({ admin }) => extensionSchema(admin))
  let store: VectorStore
  let directory = ''

  beforeEach(async () => {
    // An index is made and used, however few there are.
    store = await emptyVectors(engine(), { indexing: { from: 1 }, tuning: { exactUpTo: 0 } })
    directory = mkdtempSync(join(tmpdir(), 'assent-served-'))
    return () => rmSync(directory, { recursive: true, force: true })
  })

  it('are lists of those who allow it: all that is eligible or as many as were asked for, and after a no the list of everybody', async () => {
    const served = await openPersonalShop({ factors: await factors(), handedOut: store, moreProducts: 600 })
    const ask = async (pid: string, category: string) => {
      const { data, withheld, sent } = await served.ask('RecommendationContext', { pid, category, first: 20 })
      const text = JSON.stringify(data)
      return { skus: textsIn(text, 'sku'), basis: textsIn(text, 'basis')[0], withheld, sent }
    }
    // Eligible are KIT-2 and KIT-3: KIT-1 is what Ada bought.
    const ada = await ask('ada', 'KIT')
    expect(ada).toMatchObject({ skus: ['KIT-3', 'KIT-2'], basis: 'PERSON' })
    expect(ada.withheld, 'nothing').toEqual([])
    expect(await handedOutFor('ada')).toEqual(['KIT-2', 'KIT-3'])
    // Of Dee, who allows nothing, there is the same to know: it is withheld, and nothing is found by it.
    const dee = await ask('dee', 'KIT')
    expect(dee).toMatchObject({ basis: 'NOBODY' })
    expect(dee.withheld.join('\n'), 'the list that would be hers').toContain('Customer.recommendationContext')
    expect(dee.skus, 'as everybody').toContain('KIT-1')
    expect(await handedOutFor('dee')).toEqual([])

    await served.withdraw('ada', 'product_recs')
    const after = await ask('ada', 'KIT')
    expect(after, 'at the next answer').toMatchObject({ basis: 'NOBODY', skus: dee.skus })
    expect(after.withheld).toEqual(dee.withheld)
    const documents = ({ sent }: typeof ada): string => sent.map(({ document }) => document).join('\n')
    expect(documents(ada), 'what she bought was asked for').toContain('boughtProducts365d')
    expect(documents(after), 'and is not any more').not.toContain('boughtProducts365d')
    expect(await store.retrievals(10), 'one list was found for somebody').toHaveLength(1)
  })

  it('are as long as is asked for in a category that is larger than what is ranked, and twenty in a window', async () => {
    const { ask } = await openPersonalShop({ factors: await factors(), handedOut: store, moreProducts: 600 })
    const asked = { pid: 'ada', first: 20 }
    const gardens = await ask('RecommendationContext', { ...asked, category: 'GAR' })
    expect(textsIn(JSON.stringify(gardens.data), 'sku'), 'six hundred others are better').toEqual([
      'GAR-2',
      'GAR-1',
    ])
    expect(textsIn(JSON.stringify(gardens.data), 'basis')).toEqual(['PERSON'])
    const outdoor = await ask('RecommendationContext', { ...asked, category: 'OUT' })
    expect(textsIn(JSON.stringify(outdoor.data), 'sku'), 'with the two of before, twenty').toHaveLength(18)
  })

  it('are people of whom nobody is found that said no, and who are as many as were asked for', async () => {
    const next = numbersFrom(4)
    const people = Array.from({ length: 90 }, (_, n) =>
      personVector(`pid-${n}`, { vector: randomVector(4, next), isSealed: n % 10 === 0 }),
    )
    await store.publish(TOWER, [])
    const all = people.flatMap(({ pid }) => yes(pid, ['product_recs']))
    await store.standings.write(all, '1')
    expect(await store.put(people, NOON)).toBe(90)
    await store.index(TOWER.name)
    const no = (pids: readonly string[]) =>
      all
        .filter(({ pid }) => pids.includes(pid))
        .map((one) => ({ ...one, granted: false, receipt: null, revision: '2', cut: '2', basis: '0' }))
    // Of three, two say no.
    await store.standings.write(no(people.filter((_, n) => n % 3 > 0).map(({ pid }) => pid)), '2')
    const eligible = people.filter((_, n) => n % 3 === 0).map(({ pid: id, vector }) => ({ id, vector }))

    const vector = Float32Array.of(1, 0.5, -0.25, 0)
    const near = async (caller: string, k: number): Promise<string[]> => {
      const asked = { caller, purpose: 'marketing', model: TOWER.name, vector, k, scope: 'product_recs' }
      const { found, withheld } = await desk(store).people(asked)
      expect(withheld).toBe(0)
      return found.map(({ id }) => id)
    }
    const nearest = (of: typeof eligible, k: number) => exactSearch(of, vector, k).map(({ id }) => id)
    const first = await near('one', 20)
    expect(first, 'the nearest of thirty, the sealed ones among them').toEqual(nearest(eligible, 20))

    const gone = first.slice(0, 15)
    await store.standings.write(no(gone), '3')
    const left = eligible.filter(({ id }) => !gone.includes(id))
    expect(left).toHaveLength(15)
    expect(await near('two', 20), 'at the next answer: all who are left').toEqual(nearest(left, 15))
  })

  const factors = async () => {
    const items = [...SOLD, ...OUTDOOR]
    const about = { kind: 'co-occurrence', privacy: {}, testSeed: null } as unknown as CardOf
    const bias = items.map((item) =>
      item.startsWith('OUT') ? 5 : item === 'GAR-2' || item === 'KIT-3' ? 1 : 0,
    )
    const near = items.flatMap((item) => (item.startsWith('GAR') ? [1, 0] : [0, 1]))
    const model = { items, dims: 2, factors: Float32Array.from(near), bias: Float32Array.from(bias) }
    writeModel(directory, model, about)
    return (await followModel({ directory, lookEveryMs: null, vectors: store })).current
  }

  const handedOutFor = async (pid: string): Promise<string[]> => {
    const { rows } = await sql<{ result: string }>`
      select result from vectors.handed_out where about = ${pid} order by result`.execute(engine().admin)
    return rows.map(({ result }) => result)
  }
})

const desk = (store: VectorStore) =>
  createRetrieval({
    store,
    terms: {
      windowMs: 60_000,
      searchesPerWindow: 50,
      purposes: new Set(),
      people: new Map([
        ['one', 'marketing'],
        ['two', 'marketing'],
      ]),
    },
    currency: { isCurrent: () => true, turn: () => 0 },
    clock: () => NOON,
  })

const textsIn = (text: string, field: string): string[] =>
  [...text.matchAll(new RegExp(`"${field}":"([^"]+)"`, 'g'))].map(([, value = '']) => value)
