/** Which products are near to which, as a model has learned it. Names nobody: what it was learned from is not in it. */
export interface ItemFactors {
  /** Kind and version, for whoever asks why. */
  readonly model: string
  /** What goes best with a history, nearest first, ties by name, without what is in it; at most `most`, of `only` these where it is given. */
  rank(history: readonly string[], most: number, only?: readonly string[]): Promise<readonly string[]>
  /** What goes best with everybody, best first, ties by name; by the first of these locales that is known. */
  popular(locales: readonly string[]): readonly string[]
}

/** Which model is in use at this moment; null where there is none: then nothing is known of what goes with what. */
export type CurrentFactors = () => ItemFactors | null
