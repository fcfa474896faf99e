import { jacobi } from './jacobi.ts'

/** The largest eigenvalues of a symmetric matrix, largest first, and vectors of length one that belong to them. */
export interface Spectrum {
  readonly values: readonly number[]
  readonly vectors: readonly Float64Array[]
}

/**
 * Lanczos' method with every vector held apart from all before it (Golub and Van Loan, "Matrix Computations", §10.3): floating
 * point would otherwise find the same eigenvalue again and again. It begins anywhere, and always at the same place.
 */
export const spectrum = (matrix: Float64Array, size: number, count: number): Spectrum => {
  const basis: Float64Array[] = []
  const diagonal: number[] = []
  const beside: number[] = []
  let next = start(size)
  const most = Math.min(size, Math.max(3 * count + 40, LEAST))
  while (basis.length < most) {
    basis.push(next)
    const image = product(matrix, next, size)
    diagonal.push(dot(image, next))
    for (let twice = 0; twice < 2; twice += 1)
      for (const known of basis) addTo(image, known, -dot(image, known))
    const length = Math.sqrt(dot(image, image))
    if (length < SMALL) break
    beside.push(length)
    next = image.map((value) => value / length)
  }
  return largest(jacobi(tridiagonal(diagonal, beside), basis.length), basis, count)
}

/** Enough that the edge of the noise has settled where many eigenvalues lie close together. */
const LEAST = 120
const SMALL = 1e-10

const start = (size: number): Float64Array => {
  const vector = Float64Array.from({ length: size }, (_, at) => 1 + Math.sin(at * 12.9898 + 78.233))
  const length = Math.sqrt(dot(vector, vector))
  return vector.map((value) => value / length)
}

const largest = (
  { values, vectors }: ReturnType<typeof jacobi>,
  basis: readonly Float64Array[],
  count: number,
): Spectrum => {
  const size = basis.length
  const order = [...values.keys()]
    .toSorted((a, b) => (values[b] as number) - (values[a] as number))
    .slice(0, count)
  return {
    values: order.map((at) => values[at] as number),
    vectors: order.map((at) => {
      const vector = new Float64Array(basis[0]?.length ?? 0)
      for (const [row, known] of basis.entries()) addTo(vector, known, vectors[row * size + at] as number)
      return vector
    }),
  }
}

const tridiagonal = (diagonal: readonly number[], beside: readonly number[]): Float64Array => {
  const size = diagonal.length
  const matrix = new Float64Array(size * size)
  for (let at = 0; at < size; at += 1) {
    matrix[at * size + at] = diagonal[at] as number
    if (at + 1 < size) matrix[at * size + at + 1] = matrix[(at + 1) * size + at] = beside[at] as number
  }
  return matrix
}

const product = (matrix: Float64Array, vector: Float64Array, size: number): Float64Array => {
  const image = new Float64Array(size)
  for (let row = 0; row < size; row += 1) {
    let sum = 0
    for (let at = 0; at < size; at += 1) sum += (matrix[row * size + at] as number) * (vector[at] as number)
    image[row] = sum
  }
  return image
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number)
  return sum
}

const addTo = (sum: Float64Array, vector: Float64Array, times: number): void => {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] as number) + times * (vector[at] as number)
}
