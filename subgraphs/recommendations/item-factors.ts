import type { VectorModel } from './vectors/vector-store.ts'

/** Which products are near to which, as a model has learned it. Names nobody: what it was learned from is not in it. */
export interface ItemFactors {
  /** Kind and version, for whoever asks why. */
  readonly model: string
  /** What goes best with a history, nearest first, ties by name, without what is in it; at most `most`, of `only` these where it is given. */
  rank(history: readonly string[], most: number, only?: readonly string[]): Promise<readonly string[]>
  /** What goes best with everybody, best first, ties by name; by the first of these locales that is known. */
  popular(locales: readonly string[]): readonly string[]
  /** Which way people lean who took these, to look for them among those whose vectors are kept; null where it knows none of them. */
  towards(items: readonly string[]): Leaning | null
}

/** As a vector of a model that is published. */
export interface Leaning {
  readonly model: VectorModel
  readonly vector: Float32Array
}

/** Which model is in use at this moment; null where there is none: then nothing is known of what goes with what. */
export type CurrentFactors = () => ItemFactors | null
