/** All eigenvalues of a small symmetric matrix, and their vectors as columns (Golub and Van Loan, §8.5). */
export const jacobi = (
  matrix: Float64Array,
  size: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } => {
  const [a, vectors] = [Float64Array.from(matrix), new Float64Array(size * size)]
  for (let at = 0; at < size; at += 1) vectors[at * size + at] = 1
  const small = SMALL * a.reduce((sum, value) => sum + value * value, 0)
  for (let sweep = 0; sweep < SWEEPS && outside(a, size) > small; sweep += 1)
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) turn(a, vectors, size, [p, q])
  return { values: Float64Array.from({ length: size }, (_, at) => a[at * size + at] as number), vectors }
}

const SWEEPS = 40
const SMALL = 1e-24

const outside = (a: Float64Array, size: number): number => {
  let sum = 0
  for (let row = 0; row < size; row += 1)
    for (let column = row + 1; column < size; column += 1) sum += (a[row * size + column] as number) ** 2
  return sum
}

/** Turns the plane of p and q so that nothing is left between both. */
const turn = (
  a: Float64Array,
  vectors: Float64Array,
  size: number,
  [p, q]: readonly [number, number],
): void => {
  const between = a[p * size + q] as number
  if (Math.abs(between) < Number.MIN_VALUE * 2 ** 100) return
  const half = ((a[q * size + q] as number) - (a[p * size + p] as number)) / (2 * between)
  const t = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.sqrt(half * half + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let at = 0; at < size; at += 1) mix(a, [at * size + p, at * size + q], c, s)
  for (let at = 0; at < size; at += 1) mix(a, [p * size + at, q * size + at], c, s)
  for (let at = 0; at < size; at += 1) mix(vectors, [at * size + p, at * size + q], c, s)
}

const mix = (values: Float64Array, [i, j]: readonly [number, number], c: number, s: number): void => {
  const [x, y] = [values[i] as number, values[j] as number]
  values[i] = c * x - s * y
  values[j] = s * x + c * y
}
