import { describe, expect, test } from 'vitest'
import { easeWeights } from '../../subgraphs/recommendations/evaluate/ease.ts'
import { type Factors, scoreItems } from '../../subgraphs/recommendations/train/factors.ts'
import { createGradients } from '../../subgraphs/recommendations/train/gradient-step.ts'
import { keyedWords, keyOfSeed } from '../../subgraphs/recommendations/train/keyed-words.ts'
import { GRID } from '../../subgraphs/recommendations/train/noisy-sum.ts'
import { releaseCoOccurrence } from '../../subgraphs/recommendations/train/release-co-occurrence.ts'
import { releasePopularity } from '../../subgraphs/recommendations/train/release-popularity.ts'
import { noiseFor, rhoWithin } from '../../subgraphs/recommendations/train/rho-within.ts'
import { trainByCoOccurrence } from '../../subgraphs/recommendations/train/train-by-co-occurrence.ts'
import { trainByGradient } from '../../subgraphs/recommendations/train/train-by-gradient.ts'
import { SHARES, type TrainingRun } from '../../subgraphs/recommendations/train/training-run.ts'
import { attackWithShadows } from '../support/attack-with-shadows.ts'
import { mostOften } from '../support/binomial-bound.ts'
import { plant } from '../support/planted-interactions.ts'

const [EPSILON, DELTA] = [1.5, 1e-5]
const PEOPLE = 240
const ITEMS = 120
const planted = plant({ people: PEOPLE, items: ITEMS, seed: 5 })

type Trainer = (baskets: readonly Int32Array[], seed: number) => Factors

const runOf = (baskets: readonly Int32Array[], seed: number): TrainingRun => ({
  interactions: { items: planted.names, baskets },
  categories: null,
  trainer: 'auto',
  epsilon: EPSILON,
  delta: DELTA,
  words: keyedWords(keyOfSeed(seed)),
  checkpoint: null,
  keep: () => {},
  progress: () => {},
})

/** What is learned, also where the product would serve popularity in its place: that would be harder to attack. */
const privately =
  (kind: 'co-occurrence' | 'gradient'): Trainer =>
  (baskets, seed) => {
    const run = runOf(baskets, seed)
    const noise = noiseFor(rhoWithin(EPSILON, DELTA) * SHARES.popularity)
    const popularity = releasePopularity(run.interactions, noise, run.words)
    const checkpoint = { popularity, gradient: null, position: 0 }
    return (kind === 'gradient' ? trainByGradient(run, checkpoint) : trainByCoOccurrence(run, popularity))
      .factors
  }

/** Least squares of every item by the others, without noise and hardly held back: it knows its people by heart. */
const overTrained = (baskets: readonly Int32Array[]): Float64Array => {
  const gram = new Float64Array(ITEMS * ITEMS)
  for (const basket of baskets)
    for (const one of basket) for (const other of basket) gram[one * ITEMS + other]! += 1
  return easeWeights(gram, ITEMS, 0.05)
}

/** How little is left of a person when all their items are foretold by the others. */
const fitByHeart = (weights: Float64Array, basket: Int32Array): number => {
  const left = new Float64Array(ITEMS)
  for (const item of basket) {
    left[item]! += 1
    for (let other = 0; other < ITEMS; other += 1) left[other]! -= weights[item * ITEMS + other]!
  }
  return -left.reduce((sum, value) => sum + value * value, 0)
}

const halves = (basket: Int32Array) => {
  const half = Math.floor(basket.length / 2)
  return { history: basket.subarray(0, half), targets: basket.subarray(half) }
}

/** How well a model foretells one half of a person by the other: what a member's own model does better. */
const fit = (factors: Factors, basket: Int32Array): number => {
  const { history, targets } = halves(basket)
  const scores = scoreItems(factors, history, new Float64Array(ITEMS))
  const most = Math.max(...scores)
  const all = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0)) + most
  return targets.reduce((sum, item) => sum + (scores[item] as number) - all, 0) / targets.length
}

const PEOPLE_IN_MODELS = { people: planted.baskets, models: 10, seed: 11 }

const DIMS = 12
const OVER = 100

/**
 * The gradients of the product without its noise, its samples and its chance of halves: Adam on everybody at once, until the model knows
 * who took what later by what they took before.
 */
const overTrainedByGradient: Trainer = (baskets) => {
  const rows = Int32Array.from({ length: ITEMS }, (_, item) => item)
  const vectors = Float64Array.from({ length: ITEMS * DIMS }, (_, at) => Math.sin((at + 1) ** 2) / 2)
  const taken = new Float64Array(ITEMS).fill(1)
  for (const basket of baskets) for (const item of basket) taken[item]! += 1
  const bias = taken.map(Math.log)
  const gradients = createGradients({ dims: DIMS, vectors, rows, bias }, 1)
  const examples = baskets.filter(({ length }) => length > 1).map(halves)
  const [slow, square] = [new Float64Array(vectors.length), new Float64Array(vectors.length)]
  for (let step = 1; step <= OVER; step += 1) {
    const sums = new Float64Array(vectors.length)
    for (const example of examples) gradients.add(sums, example)
    for (const [at, sum] of sums.entries()) {
      const slope = sum / GRID / examples.length
      slow[at] = 0.9 * slow[at]! + 0.1 * slope
      square[at] = 0.99 * square[at]! + 0.01 * slope * slope
      const size = Math.sqrt(square[at] / (1 - 0.99 ** step)) + 1e-8
      vectors[at]! -= (0.05 * slow[at]) / (1 - 0.9 ** step) / size
    }
  }
  return { dims: DIMS, vectors, bias }
}

describe('Membership inference with shadow models (LiRA; Carlini and others 2022)', () => {
  test('breaks a model that was trained too long and without noise: else the attack would be blunt', () => {
    expect(attackWithShadows(PEOPLE_IN_MODELS, overTrained, fitByHeart).auc).toBeGreaterThanOrEqual(0.9)
  })

  test('breaks the gradient trainer without its noise, trained too long, by the very question that ours is asked', () => {
    const { auc, found, members } = attackWithShadows(PEOPLE_IN_MODELS, overTrainedByGradient, fit)
    expect(auc).toBeGreaterThanOrEqual(0.9)
    expect(found / members).toBeGreaterThan(0.2)
  })

  test.each(['co-occurrence', 'gradient'] as const)('learns hardly anything from %s at ε = 1.5', (kind) => {
    const { auc, found, members } = attackWithShadows(PEOPLE_IN_MODELS, privately(kind), fit)
    expect(auc).toBeLessThanOrEqual(0.55)
    // Of members at one false alarm in a hundred; no attack may do better than e^ε · 0.01 + δ.
    expect(mostOften(found, members)).toBeLessThan(Math.exp(EPSILON) * 0.01 + DELTA)
  })
})

describe('Two releases of which one has a person more', () => {
  const person = Int32Array.from({ length: 12 }, (_, item) => item)
  const places = { places: Int32Array.from({ length: 30 }, (_, item) => item), size: 30 }
  const others = plant({ people: 20, items: 30, seed: 4 }).baskets

  /** How much of the person's own pairs is in the difference of two releases, in their own clips. */
  const difference = (noise: number, seed: number, isThere: boolean): number => {
    const release = (baskets: readonly Int32Array[], own: number) =>
      releaseCoOccurrence(baskets, places, noise, keyedWords(keyOfSeed(own)))
    const [before, after] = [
      release(others, 2 * seed),
      release(isThere ? [...others, person] : others, 2 * seed + 1),
    ]
    let sum = 0
    for (const row of person)
      for (const column of person)
        if (row < column) sum += (after[row * 30 + column] as number) - (before[row * 30 + column] as number)
    return sum / Math.sqrt(66)
  }

  /** Of 400 differences each, how often those with the person are above almost all of those without. */
  const caught = (noise: number): number => {
    const many = (isThere: boolean, from: number) =>
      Array.from({ length: 400 }, (_, at) => difference(noise, from + at, isThere)).toSorted((a, b) => a - b)
    const limit = many(false, 0)[395] ?? 0
    return many(true, 10_000).filter((value) => value > limit).length
  }

  test('tell less of that person than ε allows; without noise they tell all', () => {
    const noise = noiseFor(rhoWithin(EPSILON, DELTA) * SHARES.model)
    expect(mostOften(caught(noise), 400)).toBeLessThan(Math.exp(2 * EPSILON) * 0.02)
    expect(caught(0.05)).toBe(400)
  })
})
