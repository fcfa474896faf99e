/** What a model is made of, before it is written. */
export interface Factors {
  readonly dims: number
  /** Item by item. */
  readonly vectors: Float64Array
  readonly bias: Float64Array
}

/** The scores of all items for who took these: as `user-vector.ts` has it, for places of items. */
export const scoreItems = (
  { dims, vectors, bias }: Factors,
  history: Int32Array,
  found: Float64Array,
): Float64Array => {
  const user = new Float64Array(dims)
  const by = 1 / Math.sqrt(history.length)
  for (const item of history)
    for (let at = 0; at < dims; at += 1)
      user[at] = (user[at] as number) + by * (vectors[item * dims + at] as number)
  for (let item = 0; item < bias.length; item += 1) {
    let score = bias[item] as number
    for (let at = 0; at < dims; at += 1) score += (user[at] as number) * (vectors[item * dims + at] as number)
    found[item] = score
  }
  return found
}
