/** An exact non-negative number: noise is never scaled by a rounded one. `d` is positive, and both have no divisor in common. */
export interface Rational {
  readonly n: bigint
  readonly d: bigint
}

export const rational = (n: bigint, d: bigint): Rational => {
  if (d <= 0n || n < 0n) throw new RangeError('a rational has a positive denominator and is not negative')
  const divisor = greatestCommonDivisor(n, d)
  return { n: n / divisor, d: d / divisor }
}

/** `2.5`, `1e-3` or `5/2`, as it is written and not as floating point would round it; null for anything else. */
export const readRational = (text: string): Rational | null => readFraction(text) ?? readDecimal(text)

const readFraction = (text: string): Rational | null => {
  const [, n, d] = /^(\d{1,60})\/(0*[1-9]\d{0,59})$/.exec(text) ?? []
  return n === undefined || d === undefined ? null : rational(BigInt(n), BigInt(d))
}

const readDecimal = (text: string): Rational | null => {
  const [, whole = '', decimals = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  if (whole === '' && decimals === '') return null
  const power = Number(exponent) - decimals.length
  const digits = BigInt(whole + decimals)
  return power >= 0 ? rational(digits * 10n ** BigInt(power), 1n) : rational(digits, 10n ** BigInt(-power))
}

const DECIMAL = /^(\d{0,60})(?:\.(\d{0,60}))?(?:e([+-]?\d{1,2}))?$/i

export const squared = ({ n, d }: Rational): Rational => ({ n: n * n, d: d * d })

/** For what is reported about noise, never for making it. */
export const toNumber = ({ n, d }: Rational): number => {
  const shift = BigInt(Math.max(0, d.toString(2).length + 64 - n.toString(2).length))
  return Number((n << shift) / d) / 2 ** Number(shift)
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a, b]
  while (y > 0n) [x, y] = [y, x % y]
  return x
}
