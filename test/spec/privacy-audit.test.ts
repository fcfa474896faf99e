import { describe, expect, test } from 'vitest'
import { auditOfNoise } from '../../privacy/audit/audit-of-noise.ts'
import { differenceOfAnswers } from '../../privacy/audit/difference-of-answers.ts'
import { chiSquareAbove, twoSided } from '../../privacy/audit/special-functions.ts'
import { type MechanismName, MECHANISMS } from '../../privacy/mechanisms.ts'
import { discreteLaplace } from '../../privacy/noise/discrete-laplace.ts'
import { rational } from '../../privacy/noise/rational.ts'
import { seededWords } from '../support/seeded-words.ts'

describe('the audit of noise', () => {
  test.each([
    ['discrete-laplace', 2],
    ['discrete-gaussian', 1],
    ['discrete-gaussian', 30],
  ] as const)(
    '%s of scale %s: finds nothing in it, and every mistake made on purpose',
    (name: MechanismName, scale) => {
      const { sampler, law } = MECHANISMS[name]
      const options = { draws: 100_000, words: seededWords(2), progress: () => undefined }
      const audit = auditOfNoise({
        sampler: sampler(rational(BigInt(scale), 1n)),
        law: law(scale),
        ...options,
      })
      expect(audit.isRefuted).toBe(false)
      expect(audit.planted.filter(({ isFound }) => !isFound)).toEqual([])
      expect(audit.isSharp).toBe(true)
    },
  )
})

describe('answers about two data sets that differ by one person', () => {
  const answers = (truth: number, scale: bigint, seed: number): number[] => {
    const [draw, words] = [discreteLaplace(rational(scale, 1n)), seededWords(seed)]
    return Array.from({ length: 100_000 }, () => truth + draw(words))
  }

  test('with the noise that was promised are not told apart', () => {
    const found = differenceOfAnswers([answers(10, 2n, 1), answers(11, 2n, 2)], { epsilon: 0.5, delta: 0 })
    expect(found).toEqual({ deltaAtLeast: 0, isRefuted: false })
  })

  test('with half of it they are', () => {
    const found = differenceOfAnswers([answers(10, 1n, 1), answers(11, 1n, 2)], { epsilon: 0.5, delta: 0 })
    expect(found.isRefuted).toBe(true)
    // One side has 1/(1 + e^−1) of it, and δ(½) is that times 1 − e^−½.
    expect(found.deltaAtLeast).toBeGreaterThan(0.25)
    expect(found.deltaAtLeast).toBeLessThan(0.288)
  })

  test('and what cannot come out of one of them gives the person away at any ε', () => {
    const even = answers(0, 2n, 1).map((x) => 2 * x)
    const odd = even.map((x) => x + 1)
    expect(differenceOfAnswers([even, odd], { epsilon: 5, delta: 1e-5 }).isRefuted).toBe(true)
  })
})

describe('tails', () => {
  test.each([
    [1.959963985, 0.05],
    [4.891638475, 1e-6],
    [0, 1],
  ])('a normal variable is %s from zero with probability %s', (z, p) =>
    expect(twoSided(z) / p).toBeCloseTo(1, 7),
  )

  test.each([
    [3.841458821, 1, 0.05],
    [18.30703805, 10, 0.05],
    [1107.96906, 1000, 0.0095],
  ])('chi-square is above %s of %s degrees with probability %s', (x, degrees, p) =>
    expect(chiSquareAbove(x, degrees)).toBeCloseTo(p, 3),
  )
})
