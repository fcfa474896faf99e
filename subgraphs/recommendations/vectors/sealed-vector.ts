import { open, seal } from '../../seal.ts'
import type { PersonVector, VectorKeys } from './vector-store.ts'

/** What a sealed vector belongs to: moved to another person, scope or model it does not open. */
type Bound = Pick<PersonVector, 'pid' | 'scope' | 'model'>

export interface SealedVector {
  readonly keyId: string
  readonly bytes: Buffer
}

export function sealVector(vector: Float32Array, bound: Bound, keys: VectorKeys): SealedVector {
  const key = keys.key(keys.current)
  if (key === null) throw new RangeError('The key in use is not there.')
  const text = Buffer.alloc(vector.length * 4)
  for (const [at, value] of vector.entries()) text.writeFloatLE(value, at * 4)
  return { keyId: keys.current, bytes: seal(text, key, boundOf(bound)) }
}

/** Null when its key is not there, or when a single bit of it, or whose it is, is not as it was. */
export function openVector(
  { keyId, bytes }: SealedVector,
  bound: Bound,
  keys: VectorKeys,
): Float32Array | null {
  const key = keys.key(keyId)
  const text = key === null ? null : open(bytes, key, boundOf(bound))
  if (text === null) return null
  return Float32Array.from({ length: text.length / 4 }, (_, at) => text.readFloatLE(at * 4))
}

const boundOf = ({ pid, scope, model }: Bound): Buffer => Buffer.from(JSON.stringify([pid, scope, model]))
