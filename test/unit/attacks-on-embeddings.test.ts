import { describe, expect, test } from 'vitest'
import { innerProduct } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import { linkageReport } from '../../subgraphs/recommendations/vectors/linkage-report.ts'
import { noising } from '../../subgraphs/recommendations/vectors/noised-vector.ts'
import { createMemoryVectors } from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import { plantedPeople } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import { createStoredVectors } from '../../subgraphs/recommendations/vectors/stored-vectors.ts'
import { mostOften } from '../support/binomial-bound.ts'
import { seededWords } from '../support/seeded-words.ts'

const PEOPLE = 600
const DIMS = 16
/** What the settings of the product allow: the share of people whom somebody may find. */
const LIMIT = 0.05
const { whole, halves, items } = plantedPeople(PEOPLE, DIMS)

/** Two lists of vectors, each without names: in how many cases the nearest of the other list is the same person. */
const matched = (one: readonly Float32Array[], other: readonly Float32Array[]): number => {
  const distance = (a: Float32Array, b: Float32Array) => innerProduct(b, b) - 2 * innerProduct(a, b)
  return one.filter((vector, person) => {
    const own = distance(vector, other[person] as Float32Array)
    return other.every((somebody, at) => at === person || distance(vector, somebody) > own)
  }).length
}

/** What is kept of the same people twice, under pids that have nothing in common: of two scopes, or of two models. */
const keptTwice = (sigma: string, one = whole, other = whole) => {
  const [first, second] = [seededWords(1), seededWords(2)].map((words) => noising({ sigma, clip: 1 }, words))
  return [one.map(first!), other.map(second!)] as const
}

describe('Embedding matching: two lists of the same people, without their names', () => {
  test('joins vectors without noise, person by person: else the attack would be blunt', () => {
    expect(matched(whole, whole)).toBe(PEOPLE)
    expect(matched(...keptTwice('0.001')), 'nor does the noise of the sources help').toBeGreaterThan(
      0.95 * PEOPLE,
    )
  })

  test('joins vectors of different halves of a history far above chance, too, when they have no noise', () => {
    const [some, rest] = [halves.map(([half]) => half), halves.map(([, half]) => half)]
    expect(matched(some, rest) / PEOPLE).toBeGreaterThan(10 / PEOPLE)
  })

  test('joins hardly anybody by what is kept with noise that is accepted', () => {
    const taken = () =>
      createStoredVectors(createMemoryVectors(), {
        sigma: '0.5',
        clip: 1,
        dims: DIMS,
        mostLinkage: LIMIT,
        sealedScopes: new Set(),
      })
    expect(taken).not.toThrow()
    expect(mostOften(matched(...keptTwice('0.5')), PEOPLE)).toBeLessThan(LIMIT)
  })
})

describe('Linkage: who knows what somebody did looks for their vector', () => {
  const found = (sigma: string, known: readonly Float32Array[]) =>
    linkageReport([sigma], { people: whole, known, items, clip: 1, words: seededWords(3) })[0]?.linkage ?? NaN

  test('finds almost everybody at the σ = 0.001 of the sources: the gate is closed to it', () => {
    expect(found('0.001', whole)).toBeGreaterThan(0.95)
    const terms = { sigma: '0.001', clip: 1, dims: DIMS, mostLinkage: LIMIT, sealedScopes: new Set<string>() }
    expect(() => createStoredVectors(createMemoryVectors(), terms)).toThrow(
      expect.objectContaining({ code: 'STORED_VECTOR_NOISE_TOO_WEAK' }),
    )
  })

  test('with one half of a history finds most people without noise, and hardly anybody with it', () => {
    const half = halves.map(([some]) => some)
    expect(found('0.001', half)).toBeGreaterThan(0.5)
    expect(mostOften(Math.round(found('0.5', half) * PEOPLE), PEOPLE)).toBeLessThan(LIMIT)
  })
})
