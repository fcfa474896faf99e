import { beforeEach, describe, expect, test } from 'vitest'
import { secureWords } from '../../privacy/noise/random-words.ts'
import { linkageReport } from '../../subgraphs/recommendations/vectors/linkage-report.ts'
import {
  createMemoryVectors,
  type MemoryVectors,
} from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import { noising } from '../../subgraphs/recommendations/vectors/noised-vector.ts'
import { plantedPeople } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import {
  createStoredVectors,
  type StoredVectorTerms,
} from '../../subgraphs/recommendations/vectors/stored-vectors.ts'
import { yes } from '../support/feature-rows.ts'
import { personVector, TOWER } from '../support/vectors.ts'

const TERMS: StoredVectorTerms = {
  sigma: '0.5',
  clip: 1,
  dims: 16,
  mostLinkage: 0.05,
  sealedScopes: new Set(),
}
const LIMIT = TERMS.mostLinkage

describe('Noise in vectors of people', () => {
  test.each(['0.001', '0.1', '0.2'])(
    'of σ = %s is refused: who knows what somebody did finds them',
    (sigma) => {
      expect(() => createStoredVectors(createMemoryVectors(), { ...TERMS, sigma })).toThrow(
        expect.objectContaining({ code: 'STORED_VECTOR_NOISE_TOO_WEAK' }),
      )
    },
  )

  test.each(['0', '-1', 'much', '1e400', '0.00001', '11'])('of σ = %s is no noise and refused', (sigma) => {
    expect(() => createStoredVectors(createMemoryVectors(), { ...TERMS, sigma })).toThrow(
      expect.objectContaining({ code: 'STORED_VECTOR_NOISE_TOO_WEAK' }),
    )
  })

  test('hides the less the more coordinates there are, which is part of what is asked', () => {
    const of = (sigma: string, dims: number) => () =>
      createStoredVectors(createMemoryVectors(), { ...TERMS, sigma, dims })
    expect(of('0.5', 64)).not.toThrow()
    expect(of('0.25', 64)).toThrow()
  })

  test('is told with what it costs and what it is worth, and both attackers', () => {
    const { whole: people, halves, items } = plantedPeople(600, 16)
    const terms = { people, items, clip: 1, words: secureWords() }
    const rows = linkageReport(['0.001', '0.3', '1'], terms)
    const [weak, , strong] = rows
    expect(weak?.linkage, 'the value of the sources protects nobody').toBeGreaterThan(0.95)
    expect(weak?.overlap).toBeGreaterThan(0.98)
    expect(strong?.linkage).toBeLessThan(LIMIT)
    expect(strong?.overlap, 'and is worth little').toBeLessThan(0.4)
    expect(rows.map(({ linkage }) => linkage)).toEqual(
      rows.map(({ linkage }) => linkage).toSorted((a, b) => b - a),
    )
    expect(strong?.epsilon, 'no plain ε: any two people are told apart with this one').toBeGreaterThan(10)
    const [one, other] = [halves.map(([half]) => half), halves.map(([, half]) => half)]
    const [partial] = linkageReport(['0.001'], { ...terms, people: one, known: other })
    expect(
      partial?.linkage,
      'from the other half of the history: by far better than by chance',
    ).toBeGreaterThan(10 / 600)
  })

  test('is exact: whole steps of a grid, of the width that is said, around the clipped vector', () => {
    const noise = noising({ sigma: '0.5', clip: 1 }, secureWords())
    const drawn = Array.from({ length: 4_000 }, () => noise(Float32Array.of(3, 4)))
    for (const vector of drawn)
      for (const value of vector) expect(Number.isInteger(value * 65_536)).toBe(true)
    const mean = (at: number) => drawn.reduce((sum, vector) => sum + (vector[at] ?? NaN), 0) / drawn.length
    expect(Math.abs(mean(0) - 0.6)).toBeLessThan(0.04)
    expect(Math.abs(mean(1) - 0.8)).toBeLessThan(0.04)
    const variance = drawn.reduce((sum, vector) => sum + ((vector[0] ?? NaN) - 0.6) ** 2, 0) / drawn.length
    expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.03)
  })

  describe('when they are kept', () => {
    let store: MemoryVectors
    const clean = (pid: string, vector: Float32Array = Float32Array.of(1, 0, 0, 0)) => {
      const { sigma: _, clip: __, isSealed: ___, ...row } = personVector(pid, { vector })
      return row
    }
    const found = () =>
      store.people({
        model: TOWER,
        vector: Float32Array.of(1, 0, 0, 0),
        k: 20,
        scope: 'product_recs',
        now: 0,
      })
    beforeEach(async () => {
      store = createMemoryVectors()
      await store.publish(TOWER, [])
      await store.standings.write(yes('ada'), '1')
    })

    test('is drawn once: who writes again and again gets no second drawing to average', async () => {
      const stored = createStoredVectors(store, TERMS)
      expect(await stored.put([clean('ada')], 0)).toBe(1)
      const first = await found()
      for (let n = 0; n < 5; n += 1) expect(await stored.put([clean('ada')], 0)).toBe(0)
      expect(await found()).toEqual(first)
      expect(first[0]?.score, 'there is noise in it').not.toBe(1)
    })

    test.each<[string, string, Partial<StoredVectorTerms> | null, Float32Array]>([
      ['where none are kept', 'STORED_VECTORS_OFF', null, Float32Array.of(1, 0, 0, 0)],
      ['with too few coordinates', 'VECTOR_DIMENSION', {}, Float32Array.of(1)],
      ['which is no number', 'VECTOR_NOT_FINITE', {}, Float32Array.of(NaN, 0, 0, 0)],
      [
        'of a model with more coordinates than were checked',
        'VECTOR_DIMENSION',
        { dims: 3, sigma: '1' },
        Float32Array.of(1, 0, 0, 0),
      ],
    ])('a vector %s is not: %s', async (_, code, terms, vector) => {
      const stored = createStoredVectors(store, terms && { ...TERMS, ...terms })
      await expect(stored.put([clean('ada', vector)], 0)).rejects.toMatchObject({ extensions: { code } })
      expect(await found()).toEqual([])
    })
  })
})
