import { describe, expect, test } from 'vitest'
import { fitOfNoise, REFUTED_BELOW } from '../../privacy/audit/fit-of-noise.ts'
import { type MechanismName, MECHANISMS } from '../../privacy/mechanisms.ts'
import { bernoulliExp } from '../../privacy/noise/bernoulli-exp.ts'
import { exactCoin } from '../../privacy/noise/exact-coin.ts'
import { secureWords } from '../../privacy/noise/random-words.ts'
import { type Rational, rational, readRational, toNumber } from '../../privacy/noise/rational.ts'
import { uniformBelow, uniformBelowBig } from '../../privacy/noise/uniform-below.ts'
import { seededWords, theseWords } from '../support/seeded-words.ts'

const read = (text: string): Rational => readRational(text) ?? rational(0n, 1n)

describe('a scale is what was written, digit by digit', () => {
  test.each([
    ['2.5', 5n, 2n],
    ['0.1', 1n, 10n],
    ['1e-3', 1n, 1000n],
    ['12E2', 1200n, 1n],
    ['.5', 1n, 2n],
    ['10/4', 5n, 2n],
  ])('%s', (text, n, d) => expect(readRational(text)).toEqual({ n, d }))

  test.each(['', '.', '-1', '1/0', 'NaN', 'Infinity', '0x10', '1e999', '1 2'])('“%s” is none', (text) =>
    expect(readRational(text)).toBeNull(),
  )

  test('and is reported as the nearest number there is', () => {
    for (const text of ['0.1', '1234.5678', '1/3', '7', '1e-9'])
      expect(toNumber(read(text))).toBeCloseTo(text === '1/3' ? 1 / 3 : Number(text), 15)
  })
})

describe('a uniform number', () => {
  test('is drawn again where a remainder would favour the small ones', () => {
    expect(uniformBelow(theseWords(0xffff_ffff, 8), 3)).toBe(2)
    expect(uniformBelow(theseWords(0xffff_fffe), 3)).toBe(2)
  })

  test('may be larger than a word', () => {
    const words = seededWords(1)
    const bound = 3 * 2 ** 40
    const drawn = Array.from({ length: 2000 }, () => uniformBelow(words, bound) / bound)
    expect(drawn.every((share) => share >= 0 && share < 1)).toBe(true)
    expect(drawn.reduce((sum, share) => sum + share, 0) / drawn.length).toBeCloseTo(0.5, 1)
    expect(uniformBelowBig(theseWords(0xffff_ffff, 0xffff_ffff, 0, 0x8000_0000), 2n ** 33n - 1n)).toBe(1n)
  })
})

describe('a coin of probability 1/3', () => {
  const third = (...words: number[]) => exactCoin(theseWords(...words), 1 / 3, () => ({ n: 1n, d: 3n }))
  const FIRST = Math.floor(2 ** 32 / 3)

  test('is decided by its first word where that is below or above it', () => {
    expect(third(FIRST - 1)).toBe(true)
    expect(third(FIRST + 1)).toBe(false)
  })

  test('and by whole numbers where it is neither: a third of those are above, exactly', () => {
    // What is left of 2³²/3 is 1/3 again.
    expect([0, 1, 2].map((word) => third(FIRST, word << 30))).toEqual([true, false, false])
  })

  test('rounding cannot change what falls', () => {
    const [words, others] = [seededWords(7), seededWords(7)]
    for (let draw = 0; draw < 20_000; draw += 1) {
      const one = exactCoin(words, 1 / 3, () => ({ n: 1n, d: 3n }))
      expect(exactCoin(others, 1 / 3 + 1e-13, () => ({ n: 1n, d: 3n }))).toBe(one)
    }
  })
})

describe('a coin of probability exp(−γ)', () => {
  test.each([
    [0n, 1n],
    [1n, 1000n],
    [1n, 2n],
    [1n, 1n],
    [7n, 3n],
    [5n, 1n],
  ])('γ = %s/%s', (n, d) => {
    const [words, gamma, draws] = [seededWords(3), Number(n) / Number(d), 200_000]
    let heads = 0
    for (let draw = 0; draw < draws; draw += 1) if (bernoulliExp(words, gamma, () => ({ n, d }))) heads += 1
    const expected = Math.exp(-gamma)
    expect(Math.abs(heads / draws - expected)).toBeLessThanOrEqual(
      5 * Math.sqrt((expected * (1 - expected)) / draws),
    )
  })
})

describe.each(['discrete-laplace', 'discrete-gaussian'] as const)('%s', (name: MechanismName) => {
  const { sampler, law } = MECHANISMS[name]
  const drawn = (scale: string, count: number, seed: number): number[] => {
    const [draw, words] = [sampler(read(scale)), seededWords(seed)]
    return Array.from({ length: count }, () => draw(words))
  }

  test.each(['1/5', '0.5', '1', '2.75', '40/3', '1234.5678'])(
    'of scale %s is what it is said to be',
    (scale) => {
      for (const { test: of, p } of fitOfNoise(drawn(scale, 200_000, 11), law(toNumber(read(scale)))))
        expect(p, of).toBeGreaterThan(REFUTED_BELOW)
    },
  )

  test('is the same for the same random numbers, and another for the system’s', () => {
    expect(drawn('5', 100, 1)).toEqual(drawn('5', 100, 1))
    const draw = sampler(read('1000'))
    const [one, other] = [secureWords(), secureWords()]
    expect(Array.from({ length: 20 }, () => draw(one))).not.toEqual(
      Array.from({ length: 20 }, () => draw(other)),
    )
  })

  test('of a scale that floating point cannot hold is drawn by whole numbers', () => {
    expect(drawn('123456789.123', 1000, 5).every(Number.isSafeInteger)).toBe(true)
  })

  test('of no width hides nothing, and is refused', () => {
    expect(() => sampler(rational(0n, 1n))).toThrow(RangeError)
  })
})
