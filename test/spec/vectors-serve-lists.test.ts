import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { followModel } from '../../subgraphs/recommendations/follow-model.ts'
import { type CardOf, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import type { VectorStore } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { openPersonalShop } from '../support/personal-shop.ts'
import { emptyVectors, MIGRATION } from '../support/vectors.ts'

const ITEMS = ['GAR-1', 'GAR-2', 'KIT-1', 'KIT-2', 'KIT-3']

describe('The vectors of a model that is served', () => {
  let engine: Engine
  let store: VectorStore
  let directory = ''

  beforeAll(async () => {
    engine = await openPglite()
    await extensionSchema(engine.admin)
    await migrate(engine, [MIGRATION])
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    store = await emptyVectors(engine, { indexing: { from: 1 } })
    directory = mkdtempSync(join(tmpdir(), 'assent-served-'))
    write('nothing')
    return () => rmSync(directory, { recursive: true, force: true })
  })

  /** Gardens are near to gardens, kitchens to kitchens; `towards` is what all are drawn to. */
  const write = (towards: string): void => {
    const factors = ITEMS.flatMap((item) => (item.startsWith('GAR') ? [1, 0] : [0, 1]))
    const bias = ITEMS.map((item) => (item === towards ? 0.5 : 0))
    const about = { kind: 'co-occurrence', privacy: {}, testSeed: null } as unknown as CardOf
    writeModel(
      directory,
      { items: ITEMS, dims: 2, factors: Float32Array.from(factors), bias: Float32Array.from(bias) },
      about,
    )
  }
  const follow = (vectors?: VectorStore) =>
    followModel({ directory, lookEveryMs: null, ...(vectors && { vectors }) })

  it('are published with it, once, and rank as they do in the process', async () => {
    const [one, other, inProcess] = [await follow(store), await follow(store), await follow()]
    const { rows } = await sql<{ models: number; items: number }>`
      select (select count(*)::int from vectors.model) as models, (select count(*)::int from vectors.item) as items`.execute(
      engine.admin,
    )
    expect(rows).toEqual([{ models: 1, items: ITEMS.length }])
    for (const history of [['KIT-1'], ['GAR-2'], ['KIT-1', 'GAR-1'], ['TOY-1'], []]) {
      // oxlint-disable no-await-in-loop -- one after the other
      const expected = await inProcess.current()?.rank(history, 3)
      expect(await one.current()?.rank(history, 3)).toEqual(expected)
      expect(await other.current()?.rank(history, 3)).toEqual(expected)
      // oxlint-enable no-await-in-loop
    }
  })

  it('are what lists are found by, and no vector of a person is kept for it', async () => {
    const { ask } = await openPersonalShop({ factors: (await follow(store)).current })
    const products = async (): Promise<string[]> => {
      const { data } = await ask('RecommendationContext', { pid: 'ada', first: 2 })
      return [...JSON.stringify(data).matchAll(/"sku":"([^"]+)"/g)].map(([, sku = '']) => sku)
    }
    expect(await products()).toEqual(['KIT-2', 'KIT-3'])
    expect(await products(), 'the same answer twice').toEqual(['KIT-2', 'KIT-3'])
    await sql`update vectors.item set embedding = '[0,9,0]' where item = 'GAR-2'`.execute(engine.admin)
    expect(await products()).toEqual(['GAR-2', 'KIT-2'])
    const { rows } = await sql`select from vectors.person`.execute(engine.admin)
    expect(rows).toEqual([])
  })

  it('are those of another model as soon as there is one', async () => {
    const model = await follow(store)
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-2'])
    write('KIT-3')
    await model.look()
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-3'])
  })

  it('are gone a day after nobody serves that model any more', async () => {
    const DAY = 24 * 3_600_000
    let now = Date.now()
    const following = { directory, lookEveryMs: null, vectors: store, clock: () => now }
    const [model, slow] = [await followModel(following), await followModel(following)]
    const before = model.current()?.model ?? ''
    write('KIT-3')
    await model.look()
    now += DAY - 1
    await slow.tend()
    await model.tend()
    expect(await store.model(before), 'another process serves it').not.toBeNull()
    await slow.look()
    now += DAY + 1
    await model.tend()
    expect(await store.model(before)).toBeNull()
    expect(await slow.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-3'])
    for (const one of [model, slow]) one.stop()
  })

  it('that the store cannot take now are taken at a later look, and the model before serves until then', async () => {
    let isDown = false
    const model = await follow({
      ...store,
      publish: (published, items) =>
        isDown ? Promise.reject(new Error('no database')) : store.publish(published, items),
    })
    write('KIT-3')
    isDown = true
    await model.look()
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-2'])
    isDown = false
    await model.look()
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-3'])
  })
})
