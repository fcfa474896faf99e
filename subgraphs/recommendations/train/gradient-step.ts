import { onGrid } from './noisy-sum.ts'

/** A model of dot products: every item has the vector of its row, and a bias that is not learned. */
export interface DotModel {
  readonly dims: number
  /** Row by row. */
  readonly vectors: Float64Array
  /** Which row an item has: its own, or that of its public category. */
  readonly rows: Int32Array
  readonly bias: Float64Array
}

/** Of one person: by what they took before, what they took after is to be foretold. */
export interface Example {
  readonly history: Int32Array
  readonly targets: Int32Array
}

/**
 * The gradient of the cross-entropy of softmax over all items, as one vector for the whole person, clipped to `clip` and put on
 * the grid (user-level DP-SGD: Abadi and others 2016, with a person for an example; McMahan and others 2018).
 */
export const createGradients = (model: DotModel, clip: number) => {
  const { dims, rows, bias } = model
  const gradient = new Float64Array(model.vectors.length)
  const chances = new Float64Array(rows.length)
  const [user, pull] = [new Float64Array(dims), new Float64Array(dims)]
  return {
    /** Adds a person’s part to the sums. */
    add(sums: Float64Array, { history, targets }: Example): void {
      const by = 1 / Math.sqrt(history.length)
      user.fill(0)
      for (const item of history) addRow(user, model, rows[item] as number, by)
      softmax(chances, model, user, bias)
      for (const item of targets) chances[item] = (chances[item] as number) - 1 / targets.length
      gradient.fill(0)
      pull.fill(0)
      for (let item = 0; item < rows.length; item += 1) {
        const row = rows[item] as number
        const wrong = chances[item] as number
        addRow(pull, model, row, wrong)
        addAt(gradient, row * dims, user, wrong)
      }
      for (const item of history) addAt(gradient, (rows[item] as number) * dims, pull, by)
      addClipped(sums, gradient, clip)
    },
  }
}

const addRow = (sum: Float64Array, { vectors, dims }: DotModel, row: number, times: number): void => {
  for (let at = 0; at < dims; at += 1)
    sum[at] = (sum[at] as number) + times * (vectors[row * dims + at] as number)
}

const addAt = (sum: Float64Array, from: number, vector: Float64Array, times: number): void => {
  for (let at = 0; at < vector.length; at += 1)
    sum[from + at] = (sum[from + at] as number) + times * (vector[at] as number)
}

const softmax = (
  chances: Float64Array,
  { vectors, rows, dims }: DotModel,
  user: Float64Array,
  bias: Float64Array,
): void => {
  let most = Number.NEGATIVE_INFINITY
  for (let item = 0; item < rows.length; item += 1) {
    let score = bias[item] as number
    const from = (rows[item] as number) * dims
    for (let at = 0; at < dims; at += 1) score += (user[at] as number) * (vectors[from + at] as number)
    chances[item] = score
    if (score > most) most = score
  }
  let sum = 0
  for (let item = 0; item < chances.length; item += 1)
    sum += chances[item] = Math.exp((chances[item] as number) - most)
  for (let item = 0; item < chances.length; item += 1) chances[item] = (chances[item] as number) / sum
}

const addClipped = (sums: Float64Array, gradient: Float64Array, clip: number): void => {
  let squares = 0
  for (let at = 0; at < gradient.length; at += 1) squares += (gradient[at] as number) ** 2
  const by = 1 / Math.max(clip, Math.sqrt(squares))
  for (let at = 0; at < gradient.length; at += 1)
    sums[at] = (sums[at] as number) + onGrid((gradient[at] as number) * by)
}
