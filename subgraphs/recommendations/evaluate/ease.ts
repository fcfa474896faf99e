/**
 * Embarrassingly shallow autoencoder (Steck 2019): of all weights that foretell each item by the others, those of least squares,
 * B = I − P·diag(1/P), P = (G + λ)⁻¹.
 */
export const easeWeights = (gram: Float64Array, items: number, ridge = RIDGE): Float64Array => {
  const raised = Float64Array.from(gram)
  for (let at = 0; at < items; at += 1) raised[at * items + at] = (raised[at * items + at] as number) + ridge
  const inverse = inverseOf(raised, items)
  return inverse.map((value, at) => {
    const [row, column] = [Math.floor(at / items), at % items]
    return row === column ? 0 : -value / (inverse[column * items + column] as number)
  })
}

const RIDGE = 200

/** Of a positive definite matrix, by Gauss and Jordan in its place; no pivots are needed then. */
const inverseOf = (matrix: Float64Array, size: number): Float64Array => {
  const a = Float64Array.from(matrix)
  for (let pivot = 0; pivot < size; pivot += 1) {
    const by = 1 / (a[pivot * size + pivot] as number)
    for (let column = 0; column < size; column += 1)
      if (column !== pivot) a[pivot * size + column] = (a[pivot * size + column] as number) * by
    for (let row = 0; row < size; row += 1) if (row !== pivot) clear(a, size, row, pivot)
    for (let row = 0; row < size; row += 1)
      if (row !== pivot) a[row * size + pivot] = -(a[row * size + pivot] as number) * by
    a[pivot * size + pivot] = by
  }
  return a
}

const clear = (a: Float64Array, size: number, row: number, pivot: number): void => {
  const times = a[row * size + pivot] as number
  if (times === 0) return
  for (let column = 0; column < size; column += 1)
    if (column !== pivot)
      a[row * size + column] =
        (a[row * size + column] as number) - times * (a[pivot * size + column] as number)
}
