import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../../subgraphs/recommendations/train/checkpoint.ts'
import { keyedWords, keyOfSeed } from '../../subgraphs/recommendations/train/keyed-words.ts'
import { GRID } from '../../subgraphs/recommendations/train/noisy-sum.ts'
import { releaseCoOccurrence } from '../../subgraphs/recommendations/train/release-co-occurrence.ts'
import { releaseGain } from '../../subgraphs/recommendations/train/release-gain.ts'
import { releaseLocalPopularity } from '../../subgraphs/recommendations/train/release-local-popularity.ts'
import { releasePopularity } from '../../subgraphs/recommendations/train/release-popularity.ts'
import { noiseFor, rhoWithin } from '../../subgraphs/recommendations/train/rho-within.ts'
import { spentOn } from '../../subgraphs/recommendations/train/spent-on.ts'
import { trainByGradient } from '../../subgraphs/recommendations/train/train-by-gradient.ts'
import { trainModel } from '../../subgraphs/recommendations/train/train-model.ts'
import { SHARES, type TrainingRun } from '../../subgraphs/recommendations/train/training-run.ts'
import { releasedOnce } from '../../subgraphs/recommendations/train/released-once.ts'

// What is looked at is what comes out: sizes of samples, the spread of results of nobody, and what one person more changes. Seeds are
// fixed, so that each test is the same each time; how far chance reaches was chosen before, at more than four standard deviations.

const [EPSILON, DELTA] = [1.5, 1e-5]
const words = (seed: number) => keyedWords(keyOfSeed(seed))
const namesOf = (count: number) => Array.from({ length: count }, (_, at) => `i${at}`)
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length
const meanSquare = (values: ArrayLike<number>): number => mean(Array.from(values, (value) => value * value))
const length = (values: Iterable<number>): number => Math.hypot(...values)

const runOf = (
  baskets: readonly Int32Array[],
  items: number,
  more: Partial<TrainingRun> = {},
): TrainingRun => ({
  interactions: { items: namesOf(items), baskets },
  categories: null,
  trainer: 'gradient',
  epsilon: EPSILON,
  delta: DELTA,
  words: words(1),
  checkpoint: null,
  keep: () => {},
  progress: () => {},
  ...more,
})

const begunWith = (people: number, items: number): Checkpoint => ({
  popularity: { people, share: new Float64Array(items).fill(0.1), noise: 0.01 },
  gradient: null,
  position: 0,
})

/** A basket that says when it is looked into: of who is not drawn, nothing is. */
class Watched extends Int32Array {
  drawn = 0;
  override [Symbol.iterator]() {
    this.drawn += 1
    return super[Symbol.iterator]()
  }
}

describe('The sample of a step', () => {
  const baskets = Array.from(
    { length: 400 },
    (_, person) => Watched.of(person % 20, (person + 1) % 20) as Watched,
  )
  const sizes: number[] = []
  let before = 0
  const { release } = trainByGradient(
    runOf(baskets, 20, {
      progress: () => {
        const all = baskets.reduce((sum, { drawn }) => sum + drawn, 0)
        sizes.push(all - before)
        before = all
      },
    }),
    begunWith(400, 20),
  )
  const { samplingRate: rate, steps } = release

  test('is as large as the coins fall: its size varies as that of independent coins does', () => {
    expect([sizes.length, rate, steps]).toEqual([30, 0.5, 30])
    expect(Math.abs(mean(sizes) - 400 * rate)).toBeLessThan(4 * Math.sqrt((400 * rate * (1 - rate)) / steps))
    const variance = meanSquare(sizes.map((size) => size - 400 * rate))
    // Of thirty sizes; a sample of a fixed size has none.
    expect(variance / (400 * rate * (1 - rate))).toBeGreaterThan(0.3)
    expect(variance / (400 * rate * (1 - rate))).toBeLessThan(2.2)
  })

  test('is drawn anew for each step, with the rate that is accounted', () => {
    const often = baskets.map(({ drawn }) => drawn)
    const variance = meanSquare(often.map((drawn) => drawn - steps * rate))
    expect(Math.abs(variance / (steps * rate * (1 - rate)) - 1)).toBeLessThan(0.3)
  })
})

describe('The noise', () => {
  test('of a step is as wide as is accounted, and what is accounted is no more than ε', () => {
    const kept: Checkpoint[] = []
    // Nobody can be foretold by one item: nothing is added up but noise.
    const baskets = Array.from({ length: 400 }, (_, person) => Int32Array.of(person % 60))
    const { release } = trainByGradient(
      runOf(baskets, 60, { keep: (one) => void kept.push(one) }),
      begunWith(400, 60),
    )
    const { noiseMultiplier, samplingRate } = release
    const { step, second } = kept[0]?.gradient ?? expect.fail('nothing was kept')
    // Adam’s running mean of squares, with what it lacks after so few steps.
    const width = Math.sqrt(mean(second) / (1 - 0.999 ** step)) * samplingRate * 400
    expect(Math.abs(width / noiseMultiplier - 1)).toBeLessThan(0.05)
    const others = (['popularity', 'choice'] as const).map((name) =>
      releasedOnce(name, noiseFor(rhoWithin(EPSILON, DELTA) * SHARES[name])),
    )
    const { epsilon } = spentOn([...others, release], DELTA)
    expect(epsilon).toBeLessThanOrEqual(EPSILON)
    expect(epsilon).toBeGreaterThan(EPSILON * 0.98)
  })

  test('of the choice is as wide as the card says: where nobody is gained of, it is all there is', () => {
    const baskets = Array.from({ length: 50 }, (_, person) => Int32Array.of(person % 8))
    const drawn = Array.from({ length: 300 }, (_, seed) => {
      const run = runOf(baskets, 8, { trainer: 'co-occurrence', words: words(seed) })
      const { gain, people, releases } = trainModel(run)
      const { noiseMultiplier } = releases.find(({ name }) => name === 'choice') ?? expect.fail('none')
      return ((gain?.value ?? 0) * people) / Math.SQRT2 / noiseMultiplier
    })
    expect(Math.abs(mean(drawn))).toBeLessThan(0.25)
    expect(Math.abs(Math.sqrt(meanSquare(drawn)) - 1)).toBeLessThan(0.17)
  })

  test('of popularity and of pairs is as wide as is asked', () => {
    const { share, noise } = releasePopularity(
      { items: namesOf(3_000), baskets: [Int32Array.of(0)] },
      7,
      words(3),
    )
    expect(Math.abs(Math.sqrt(meanSquare(share.subarray(1))) / noise - 1)).toBeLessThan(0.06)
    const places = { places: Int32Array.from({ length: 80 }, (_, item) => item), size: 80 }
    const matrix = releaseCoOccurrence([], places, 7, words(4))
    const pairs = matrix.filter((_, at) => Math.floor(at / 80) < at % 80)
    expect(Math.abs(Math.sqrt(meanSquare(pairs)) / 7 - 1)).toBeLessThan(0.06)
  })
})

describe('What one person more changes, with the same noise', () => {
  const SIZE = 60
  const places = { places: Int32Array.from({ length: SIZE }, (_, item) => item), size: SIZE }
  const basket = fc
    .uniqueArray(fc.nat({ max: SIZE - 1 }), { minLength: 2, maxLength: SIZE })
    .map((own) => Int32Array.from(own))
  const others = [Int32Array.of(1, 2, 3), Int32Array.of(2, 9)]
  /** Rounding of one number after the other, towards nothing. */
  const rounding = (numbers: number): number => Math.sqrt(numbers) / GRID

  test('is one clip of pairs, however many items they have', () => {
    fc.assert(
      fc.property(basket, (own) => {
        const [without, within] = [others, [...others, own]].map((all) =>
          releaseCoOccurrence(all, places, 2, words(5)),
        )
        const upper = within!
          .map((value, at) => value - without![at]!)
          .filter((_, at) => Math.floor(at / SIZE) < at % SIZE)
        expect(length(upper)).toBeLessThanOrEqual(1)
        expect(length(upper)).toBeGreaterThan(0.999 - rounding((own.length * (own.length - 1)) / 2))
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  test('is one clip of popularity, with who is counted', () => {
    const sumsOf = (baskets: readonly Int32Array[]): number[] => {
      const { share, noise } = releasePopularity({ items: namesOf(SIZE), baskets }, 2, words(6))
      const part = Math.sqrt(1 - 0.2 ** 2)
      const people = 2 / part / noise
      return [...share].map((value) => value * part * people).concat(people * 0.2)
    }
    fc.assert(
      fc.property(basket, (own) => {
        // Enough others that nobody is no number of people.
        const crowd = Array.from({ length: 400 }, () => others).flat()
        const [without, within] = [sumsOf(crowd), sumsOf([...crowd, own])]
        const change = length(within.map((value, at) => value - without[at]!))
        expect(change).toBeLessThanOrEqual(1.001)
        expect(change).toBeGreaterThan(0.99)
      }),
      { seed: 2, numRuns: 50 },
    )
  })

  test('is one clip of popularity by locale, in however many locales they are', () => {
    const sizes = { items: SIZE, locales: 5 }
    fc.assert(
      fc.property(basket, fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1 }), (items, locales) => {
        const crowd = others.map((own) => ({ items: own, locales: [0] }))
        const [without, within] = [crowd, [...crowd, { items, locales }]].map((all) =>
          releaseLocalPopularity(all, sizes, 2, words(7)).flatMap((local) => [...local]),
        )
        const change = length(within!.map((value, at) => value - without![at]!))
        expect(change).toBeLessThanOrEqual(1)
        expect(change).toBeGreaterThan(0.999 - rounding(SIZE * 5))
      }),
      { seed: 3, numRuns: 100 },
    )
  })

  test('is no more than its part of the choice', () => {
    const factors = (seed: number) => ({
      dims: 2,
      vectors: Float64Array.from({ length: SIZE * 2 }, (_, at) => Math.sin(at * seed)),
      bias: new Float64Array(SIZE),
    })
    const compared = { learned: factors(3), popular: factors(5), people: 1 }
    let most = 0
    fc.assert(
      fc.property(basket, (own) => {
        const [without, within] = [others, [...others, own]].map(
          (all) => releaseGain(all, compared, 2, words(8)).value,
        )
        const change = Math.abs(within! - without!) / Math.SQRT2
        most = Math.max(most, change)
        expect(change).toBeLessThanOrEqual(Math.SQRT1_2)
      }),
      { seed: 4, numRuns: 200 },
    )
    expect(most).toBeGreaterThan(0.1)
  })
})
