import type { Popularity } from './release-popularity.ts'

/** How far a run has come. Everything in it is noisy already, but for the position in the key stream, which is no secret without the key. */
export interface Checkpoint {
  readonly popularity: Popularity
  readonly gradient: GradientState | null
  /** In the random words, from which the next draw goes on. */
  readonly position: number
}

export interface GradientState {
  /** Steps taken. */
  readonly step: number
  readonly vectors: Float64Array
  /** Moments of the noisy gradients (Kingma and Ba, "Adam", 2015). */
  readonly first: Float64Array
  readonly second: Float64Array
}

export const checkpointAsText = (checkpoint: Checkpoint): string =>
  JSON.stringify(checkpoint, (_, value: unknown) =>
    value instanceof Float64Array
      ? { numbers: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
      : value,
  )

/** Throws where it is torn. */
export const checkpointOf = (text: string): Checkpoint =>
  JSON.parse(text, (_, value: unknown) => {
    const numbers = (value as { numbers?: unknown } | null)?.numbers
    if (typeof numbers !== 'string') return value
    const bytes = Uint8Array.from(Buffer.from(numbers, 'base64'))
    return new Float64Array(bytes.buffer)
  }) as Checkpoint
