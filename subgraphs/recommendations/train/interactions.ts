/** Who took what. People have no names here: a model is of items. */
export interface Interactions {
  /** The public list of items, sorted. */
  readonly items: readonly string[]
  /** Of each person the places of the items in the list, each once, oldest first. */
  readonly baskets: readonly Int32Array[]
}
