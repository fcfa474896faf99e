import { type RandomWords, secureWords } from '../../../privacy/noise/random-words.ts'
import { codedError } from '../../coded-error.ts'
import { CodedFailure } from '../../coded-failure.ts'
import { linkageReport } from './linkage-report.ts'
import { noising, type NoiseTerms, sigmaOf } from './noised-vector.ts'
import { numbersFrom, plantedPeople } from './planted-people.ts'
import type { PersonVector, VectorStore } from './vector-store.ts'

export interface StoredVectorTerms extends NoiseTerms {
  /** No model has more: with more coordinates the same σ hides less. */
  readonly dims: number
  /** Above this share of people found by who knows what they did, the noise is refused. */
  readonly mostLinkage: number
  /** Whose vectors the database cannot read. */
  readonly sealedScopes: ReadonlySet<string>
}

/** A vector as it was computed; its noise is drawn here. */
export type CleanVector = Omit<PersonVector, 'sigma' | 'clip' | 'isSealed'>

export interface StoredVectors {
  /** Says how many were taken: of those whose consent is alive, who have none of this model yet. Throws coded errors. */
  put(rows: readonly CleanVector[], now: number): Promise<number>
}

const PEOPLE = 1_000

/**
 * Vectors of people with noise in them; null: none are kept. What hides too little is refused before anything is stored.
 * Throws `STORED_VECTOR_NOISE_TOO_WEAK`.
 */
export function createStoredVectors(
  store: Pick<VectorStore, 'put' | 'model'>,
  terms: StoredVectorTerms | null,
  words: RandomWords = secureWords(),
): StoredVectors {
  if (terms === null) return { put: () => Promise.reject(codedError('STORED_VECTORS_OFF')) }
  refuseWeakNoise(terms)
  const noise = noising(terms, words)
  const { clip, dims: most, sealedScopes } = terms
  const sigma = Number(terms.sigma)
  return {
    async put(rows, now) {
      const models = new Map<string, number>()
      for (const { model: name } of rows) {
        if (models.has(name)) continue
        // oxlint-disable-next-line no-await-in-loop -- there is one, as a rule
        const model = await store.model(name)
        if (model === null) throw codedError('VECTOR_MODEL_UNKNOWN', 'model')
        if (model.dims > most) throw codedError('VECTOR_DIMENSION', 'recommendations.storedVectors.dims')
        models.set(name, model.dims)
      }
      for (const { vector, model } of rows) {
        if (vector.length !== models.get(model)) throw codedError('VECTOR_DIMENSION', 'vector')
        if (!vector.every(Number.isFinite)) throw codedError('VECTOR_NOT_FINITE', 'vector')
      }
      const noised = rows.map((row) => ({
        ...row,
        vector: noise(row.vector),
        sigma,
        clip,
        isSealed: sealedScopes.has(row.scope),
      }))
      return store.put(noised, now)
    },
  }
}

/** On made-up people, so that it is known before there is anybody; few of them, so that they are rather found than not. */
function refuseWeakNoise({ sigma, clip, dims, mostLinkage }: StoredVectorTerms): void {
  const place = 'recommendations.storedVectors.sigma'
  if (sigmaOf(sigma) === null) throw new CodedFailure('STORED_VECTOR_NOISE_TOO_WEAK', place)
  const { whole, items } = plantedPeople(PEOPLE, dims)
  const people = whole.map((vector) => vector.map((value) => value * clip))
  const next = numbersFrom(2)
  const words = { next: () => Math.floor(next() * 4_294_967_296) }
  const [row] = linkageReport([sigma], { people, items, clip, words })
  const percent = Math.ceil((row?.linkage ?? 1) * 100)
  if ((row?.linkage ?? 1) > mostLinkage)
    throw new CodedFailure('STORED_VECTOR_NOISE_TOO_WEAK', `${place}, linkage ${percent} %`)
}
