/** Probability that a standard normal variable is at least so far from zero, on either side. */
export const twoSided = (z: number): number => gammaAbove(0.5, (z * z) / 2)

/** Probability that a chi-square variable of so many degrees of freedom is above x. */
export const chiSquareAbove = (x: number, degrees: number): number => gammaAbove(degrees / 2, x / 2)

/** Regularised upper incomplete gamma function Q(a, x): a series below, a continued fraction above (DLMF §8.11, §8.9). */
const gammaAbove = (a: number, x: number): number => {
  if (x <= 0) return 1
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a))
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x)
}

const lowerSeries = (a: number, x: number): number => {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < ROUNDS && term > sum * 1e-16; n += 1) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Lentz's algorithm. */
const upperFraction = (a: number, x: number): number => {
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < ROUNDS; n += 1) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return fraction
}

const ROUNDS = 100_000

/** Stirling's series, moved up to where it converges (DLMF §5.11). */
const logGamma = (a: number): number => {
  let shift = 0
  let x = a
  for (; x < 12; x += 1) shift += Math.log(x)
  const inverse = 1 / (x * x)
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift
}
