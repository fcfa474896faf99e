import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type CardOf, readModel, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { scores, userVector } from '../../subgraphs/recommendations/train/user-vector.ts'

const ABOUT: CardOf = {
  kind: 'co-occurrence',
  people: 2000,
  privacy: {
    unit: 'one person',
    neighbours: 'added or removed',
    epsilon: 1.5,
    delta: 1e-5,
    accountant: 'zcdp',
    releases: [{ name: 'popularity', clip: 1, noiseMultiplier: 9.8, samplingRate: 1, steps: 1 }],
    choice: 'asked for',
  },
  source: { catalogue: 'given', lineage: 'lineage.json' },
  quality: { gain: null },
  testSeed: null,
}

const MODEL = {
  items: ['tea', 'cup', 'pot'],
  dims: 2,
  factors: Float32Array.of(1, 0, 0.5, 0.5, 0, 2),
  bias: Float32Array.of(0.25, 0, -1),
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'model-'))
  return () => rmSync(directory, { recursive: true })
})

describe('A model in files', () => {
  test('is read as it was written', () => {
    const card = writeModel(directory, MODEL, ABOUT)
    expect(readModel(directory, 'serving')).toEqual({ card, ...MODEL })
  })

  test.each([
    ['items.f32', (file: string) => truncateSync(file, 11)],
    ['items.f32', (file: string) => writeFileSync(file, Buffer.alloc(36, 1))],
    ['items.json', (file: string) => writeFileSync(file, '["tea","cup"]\n')],
    [
      'model.json',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('"dims": 2', '"dims": 3')),
    ],
    ['model.json', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('1.5', '0.5'))],
    ['model.json', (file: string) => truncateSync(file, 20)],
    ['model.json', (file: string) => rmSync(file)],
  ])('is refused when %s is not as it was written (%#)', (name, harm) => {
    writeModel(directory, MODEL, ABOUT)
    harm(join(directory, name))
    expect(() => readModel(directory)).toThrow(name)
  })

  test('is not written with what is no number, nor with a dimension that does not fit', () => {
    const nan = { ...MODEL, factors: Float32Array.of(1, 0, Number.NaN, 0.5, 0, 2) }
    expect(() => writeModel(directory, nan, ABOUT)).toThrow('items.f32')
    expect(() => writeModel(directory, { ...MODEL, dims: 3 }, ABOUT)).toThrow('items.f32')
    expect(() => readModel(directory)).toThrow('model.json')
  })

  test('is not served when it was trained from a seed', () => {
    writeModel(directory, MODEL, { ...ABOUT, testSeed: 7 })
    expect(() => readModel(directory, 'serving')).toThrow(/seed/)
    expect(readModel(directory).card.testSeed).toBe(7)
  })
})

describe('The vector of a person', () => {
  test('is the sum of what they took by √n; what the model does not know says nothing', () => {
    const model = readAs()
    const history = ['tea', 'cup', 'unheard-of'].map((item) => ({ item, weight: 1 }))
    expect([...userVector(model, history)]).toEqual([
      Math.fround(1.5 / Math.SQRT2),
      Math.fround(0.5 / Math.SQRT2),
    ])
    expect([...userVector(model, [])]).toEqual([0, 0])
    expect([...userVector(model, [{ item: 'tea', weight: Number.NaN }])]).toEqual([0, 0])
  })

  test('gives items their scores: the dot product and what everybody thinks of them', () => {
    expect([...scores(readAs(), Float32Array.of(1, 2))]).toEqual([1.25, 1.5, 3])
  })
})

const readAs = () => {
  writeModel(directory, MODEL, ABOUT)
  return readModel(directory)
}
