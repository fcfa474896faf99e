import { describe, expect, test } from 'vitest'
import { innerProduct } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import { linkageReport } from '../../subgraphs/recommendations/vectors/linkage-report.ts'
import { createMemoryVectors } from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import { plantedPeople } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import { createStoredVectors } from '../../subgraphs/recommendations/vectors/stored-vectors.ts'
import { mostOften } from '../support/binomial-bound.ts'
import type { PersonVector } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { seededWords } from '../support/seeded-words.ts'
import { personVector, TOWER } from '../support/vectors.ts'

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
const keptTwice = async (sigma: string, mostLinkage = LIMIT, one = whole, other = whole) =>
  [await kept(one, { sigma, mostLinkage }, 1), await kept(other, { sigma, mostLinkage }, 2)] as const

/** As the product keeps it; with a limit of one its gate is open, and all else is the same. */
const kept = async (
  people: readonly Float32Array[],
  terms: { readonly sigma: string; readonly mostLinkage: number },
  seed: number,
): Promise<readonly Float32Array[]> => {
  const rows: Float32Array[] = []
  const store = {
    model: async () => ({ ...TOWER, dims: DIMS }),
    put: async (put: readonly PersonVector[]) => rows.push(...put.map(({ vector }) => vector)),
  }
  const noise = { ...terms, clip: 1, dims: DIMS, sealedScopes: new Set<string>() }
  await createStoredVectors(store, noise, seededWords(seed)).put(
    people.map((vector, person) => personVector(`pid-${person}`, { vector })),
    0,
  )
  return rows
}

describe('Embedding matching: two lists of the same people, without their names', () => {
  test('joins what is kept with the noise of the sources, person by person: else the attack would be blunt', async () => {
    expect(matched(...(await keptTwice('0.001', 1)))).toBeGreaterThan(0.95 * PEOPLE)
  })

  test('joins different halves of a history far above chance, too, with that noise', async () => {
    const [some, rest] = [halves.map(([half]) => half), halves.map(([, half]) => half)]
    expect(matched(...(await keptTwice('0.001', 1, some, rest)))).toBeGreaterThan(10)
  })

  test('joins hardly anybody by what is kept with noise that is accepted', async () => {
    expect(mostOften(matched(...(await keptTwice('0.5'))), PEOPLE)).toBeLessThan(LIMIT)
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
