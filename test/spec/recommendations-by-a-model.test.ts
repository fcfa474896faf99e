import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followModel } from '../../subgraphs/recommendations/follow-model.ts'
import { type CardOf, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { openPersonalShop } from '../support/personal-shop.ts'

let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-model-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const ITEMS = ['GAR-1', 'GAR-2', 'KIT-1', 'KIT-2', 'KIT-3']

/** Two dimensions: gardens are near to gardens, kitchens to kitchens; `towards` is what all are drawn to. */
const write = (towards: string, testSeed: number | null = null): void => {
  const factors = ITEMS.flatMap((item) => (item.startsWith('GAR') ? [1, 0] : [0, 1]))
  const bias = ITEMS.map((item) => (item === towards ? 0.5 : 0))
  const about = { kind: 'co-occurrence', privacy: {}, testSeed } as unknown as CardOf
  const model = { items: ITEMS, dims: 2, factors: Float32Array.from(factors), bias: Float32Array.from(bias) }
  writeModel(directory, model, about)
}

/** As many of a third category, which everybody is drawn to more than to anything else. */
const writeWithBetterOnes = (count: number): void => {
  const items = [...ITEMS, ...Array.from({ length: count }, (_, n) => `OUT-${10 + n}`)]
  const about = { kind: 'co-occurrence', privacy: {}, testSeed: null } as unknown as CardOf
  const factors = items.flatMap((item) => (item.startsWith('GAR') ? [1, 0] : [0, 1]))
  const bias = items.map((item) => (item.startsWith('OUT') ? 5 : item === 'GAR-2' ? 1 : 0))
  const model = { items, dims: 2, factors: Float32Array.from(factors), bias: Float32Array.from(bias) }
  writeModel(directory, model, about)
}

const follow = (told: object[] = []) =>
  followModel({ directory, lookEveryMs: null, log: (event) => void told.push(event) })

const skusOf = (data: unknown): string[] =>
  (
    data as { visitor: { recommendationContext: { products: { sku: string }[] } } }
  ).visitor.recommendationContext.products.map(({ sku }) => sku)

describe('Recommendations by a model', () => {
  it('are near to what the person bought, ties by name, and name the model', async () => {
    write('nothing')
    const { ask } = await openPersonalShop({ factors: (await follow()).current })
    const { data } = await ask('RecommendationContext', { pid: 'ada', first: 4 })
    expect(skusOf(data)).toEqual(['KIT-2', 'KIT-3', 'GAR-1', 'GAR-2'])
    expect(JSON.stringify(data)).toContain('"model":"co-occurrence/')
    const dee = await ask('RecommendationContext', { pid: 'dee', first: 1 })
    expect(JSON.stringify(dee.data)).toContain('"model":null')
  })

  it('of a category are the best of it, though more than five hundred others are better', async () => {
    writeWithBetterOnes(600)
    const { ask } = await openPersonalShop({ factors: (await follow()).current, moreProducts: 600 })
    const asked = { first: 20, category: 'GAR' }
    const { data } = await ask('RecommendationContext', { ...asked, pid: 'ada' })
    expect(skusOf(data), 'as the model has it, not by sku').toEqual(['GAR-2', 'GAR-1'])
    expect(JSON.stringify(data)).toContain('"basis":"PERSON"')
    const nobody = await ask('RecommendationContext', { ...asked, pid: null })
    expect(skusOf(nobody.data), 'what is popular, too').toEqual(['GAR-2', 'GAR-1'])
    const many = await ask('RecommendationContext', { pid: 'ada', first: 15, category: 'OUT' })
    expect(skusOf(many.data)).toHaveLength(15)
  })

  it('come from another model as soon as there is one', async () => {
    write('nothing')
    const model = await follow()
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-2'])
    write('KIT-3')
    await model.look()
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-3'])
  })

  it('stay with the last one that can be served, and who runs it reads why', async () => {
    write('KIT-3')
    const told: { code?: string }[] = []
    const model = await follow(told)
    write('nothing')
    writeFileSync(join(directory, 'items.f32'), 'torn')
    await model.look()
    write('nothing', 7)
    await model.look()
    rmSync(join(directory, 'model.json'))
    await model.look()
    expect(told.map(({ code }) => code)).toEqual(['MODEL_UNREADABLE', 'MODEL_OF_TEST', 'MODEL_UNREADABLE'])
    expect(await model.current()?.rank(['KIT-1'], 1)).toEqual(['KIT-3'])
  })

  it.each([
    ['made in test mode', () => write('nothing', 7), 'MODEL_OF_TEST'],
    ['that is not there', () => undefined, 'MODEL_UNREADABLE'],
  ])('are not made by one %s', async (_, make, code) => {
    make()
    await expect(follow()).rejects.toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code }) }) as Error,
    )
  })

  it('know nothing by a history that the model does not know', async () => {
    write('nothing')
    expect(await (await follow()).current()?.rank(['TOY-1'], 5)).toEqual([])
  })
})
