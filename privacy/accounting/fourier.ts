/** In-place fast Fourier transform of 2ⁿ complex numbers; `inverse` without the division by their count. */
export const transform = (re: Float64Array, im: Float64Array, inverse = false): void => {
  reorder(re, im)
  const size = re.length
  const { cosines, sines } = unitRoots(size)
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (half * 2)
    for (let start = 0; start < size; start += half * 2) {
      for (let at = 0; at < half; at += 1) {
        const c = cosines[at * stride] as number
        const s = inverse ? -(sines[at * stride] as number) : (sines[at * stride] as number)
        const [low, high] = [start + at, start + at + half]
        const [x, y] = [re[high] as number, im[high] as number]
        const [tr, ti] = [x * c - y * s, x * s + y * c]
        const [ur, ui] = [re[low] as number, im[low] as number]
        re[low] = ur + tr
        im[low] = ui + ti
        re[high] = ur - tr
        im[high] = ui - ti
      }
    }
  }
}

const reorder = (re: Float64Array, im: Float64Array): void => {
  const size = re.length
  let to = 0
  for (let from = 0; from < size; from += 1) {
    if (from < to) {
      swap(re, from, to)
      swap(im, from, to)
    }
    let bit = size >> 1
    while (bit > 0 && (to & bit) !== 0) {
      to ^= bit
      bit >>= 1
    }
    to |= bit
  }
}

const swap = (values: Float64Array, one: number, other: number): void => {
  const value = values[one] as number
  values[one] = values[other] as number
  values[other] = value
}

/** Each computed by itself: multiplied up from one another they would drift. */
const unitRoots = (size: number): { readonly cosines: Float64Array; readonly sines: Float64Array } => {
  const half = size / 2
  const [cosines, sines] = [new Float64Array(half), new Float64Array(half)]
  for (let at = 0; at < half; at += 1) {
    const angle = (-2 * Math.PI * at) / size
    cosines[at] = Math.cos(angle)
    sines[at] = Math.sin(angle)
  }
  return { cosines, sines }
}
