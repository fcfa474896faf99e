import { describe, expect, test } from 'vitest'
import { epsilonOfRho } from '../../privacy/accounting/concentrated.ts'
import { epsilonOfCharges } from '../../privacy/budget/charge.ts'
import { measure } from '../../subgraphs/recommendations/evaluate/measure.ts'
import { BASELINES } from '../../subgraphs/recommendations/evaluate/baselines.ts'
import { splitByTime } from '../../subgraphs/recommendations/evaluate/split-by-time.ts'
import {
  type Checkpoint,
  checkpointAsText,
  checkpointOf,
} from '../../subgraphs/recommendations/train/checkpoint.ts'
import { scoreItems } from '../../subgraphs/recommendations/train/factors.ts'
import { createGradients } from '../../subgraphs/recommendations/train/gradient-step.ts'
import { keyedWords, keyOfSeed } from '../../subgraphs/recommendations/train/keyed-words.ts'
import { GRID } from '../../subgraphs/recommendations/train/noisy-sum.ts'
import { trainModel } from '../../subgraphs/recommendations/train/train-model.ts'
import type { TrainerName, TrainingRun } from '../../subgraphs/recommendations/train/training-run.ts'
import { cpuMilliseconds } from '../support/cpu-time.ts'
import { plant, type Planted } from '../support/planted-interactions.ts'

const runOn = (
  { names }: Planted,
  baskets: readonly Int32Array[],
  given: Partial<TrainingRun> & { readonly trainer: TrainerName },
): TrainingRun => ({
  interactions: { items: names, baskets },
  categories: null,
  epsilon: 1.5,
  delta: 1e-5,
  words: keyedWords(keyOfSeed(1)),
  checkpoint: null,
  keep: () => {},
  progress: () => {},
  ...given,
})

const recallOf = (planted: Planted, given: Partial<TrainingRun> & { readonly trainer: TrainerName }) => {
  const splits = splitByTime(planted.baskets)
  const trained = trainModel(
    runOn(
      planted,
      splits.map(({ history }) => history),
      given,
    ),
  )
  const { recall } = measure(
    splits,
    (history, found) => scoreItems(trained.factors, history, found),
    planted.names.length,
  )
  return { ...trained, recall: recall.value }
}

const few = plant({ people: 2_000, items: 500, seed: 1 })

describe('The planted people', () => {
  test('are as hard to foretell as those of the anchors: popularity 0.175, EASE 0.376', () => {
    const splits = splitByTime(few.baskets)
    const histories = splits.map(({ history }) => history)
    const recall = (name: string) => measure(splits, BASELINES[name]!(histories, 500), 500).recall.value
    expect(Math.abs(recall('popularity') - 0.175)).toBeLessThan(0.015)
    expect(Math.abs(recall('ease') - 0.376)).toBeLessThan(0.015)
  })
})

describe('Training within ε = 1.5 for one person', () => {
  test('2,000 people: recall@20 is 0.26 or more, without anything known about items', () => {
    const { kind, recall, epsilon, gain } = recallOf(few, { trainer: 'auto' })
    expect([kind, recall >= 0.26]).toEqual(['co-occurrence', true])
    expect(epsilon).toBeLessThanOrEqual(1.5)
    expect(gain?.interval[0]).toBeGreaterThan(0)
  })

  test('10,000 people: recall@20 is 0.37 or more, with room for other people and other noise', () => {
    const many = plant({ people: 10_000, items: 500, seed: 1 })
    expect(recallOf(many, { trainer: 'auto' }).recall).toBeGreaterThanOrEqual(0.38)
  })

  test('2,000 people and items with public categories: the small tower', () => {
    const { kind, recall, releases } = recallOf(few, { trainer: 'auto', categories: few.categories })
    expect([kind, recall >= 0.26]).toEqual(['gradient', true])
    expect(releases[1]).toMatchObject({ name: 'gradient steps', clip: 0.3 })
  })

  test.each([
    [2_000, 5],
    [10_000, 30],
  ])('%i people: takes less than %i seconds of processor time', (people, seconds) => {
    const all = people === few.baskets.length ? few : plant({ people, items: 500, seed: 1 })
    const run = () => trainModel(runOn(all, all.baskets, { trainer: 'auto' }))
    expect(cpuMilliseconds(run)).toBeLessThan(seconds * 1_000)
  })

  test('two hundred people: nothing is surely better than popularity, so that is served', () => {
    const { kind, factors, choice } = recallOf(plant({ people: 200, items: 500, seed: 2 }), {
      trainer: 'auto',
    })
    expect([kind, factors.dims]).toEqual(['popularity', 0])
    expect(choice).toContain('popularity is served, from 18 % of what was spent; --trainer popularity')
  })
})

describe('What was spent', () => {
  test('is what the releases cost that were really made, all of them', () => {
    const { releases, epsilon } = trainModel(runOn(few, few.baskets, { trainer: 'co-occurrence' }))
    expect(releases.map(({ name }) => name)).toEqual(['popularity', 'co-occurrence', 'choice'])
    const rho = releases.reduce((sum, { noiseMultiplier }) => sum + 1 / (2 * noiseMultiplier ** 2), 0)
    expect(epsilon).toBeCloseTo(epsilonOfRho(rho, 1e-5), 9)
    expect(epsilon).toBeGreaterThan(1.499)
  })

  test('by steps is accounted with the sampling and the noise of the steps', () => {
    const small = plant({ people: 300, items: 60, seed: 3 })
    const { releases, epsilon, accountant } = trainModel(runOn(small, small.baskets, { trainer: 'gradient' }))
    const steps = releases[1]!
    expect(accountant).toBe('rdp')
    expect(epsilon).toBeLessThanOrEqual(1.5)
    const charge = { kind: 'steps', ...steps } as const
    expect(epsilonOfCharges([{ charge, times: 1 }], 1e-5)).toBeLessThan(epsilon)
    expect(
      epsilonOfCharges([{ charge: { ...charge, steps: steps.steps * 2 }, times: 1 }], 1e-5),
    ).toBeGreaterThan(1.5)
  })
})

describe('A run that is killed', () => {
  const small = plant({ people: 300, items: 60, seed: 3 })
  const key = keyOfSeed(9)
  const whole = (trainer: TrainerName) =>
    trainModel(runOn(small, small.baskets, { trainer, words: keyedWords(key) }))

  test.each(['co-occurrence', 'gradient'] as const)(
    '%s: goes on from any checkpoint, draws the same noise and makes the same model',
    (trainer) => {
      const kept: string[] = []
      const keep = (checkpoint: Checkpoint): void => void kept.push(checkpointAsText(checkpoint))
      trainModel(runOn(small, small.baskets, { trainer, words: keyedWords(key), keep }))
      expect(kept.length).toBeGreaterThan(0)
      for (const text of kept) {
        const checkpoint = checkpointOf(text)
        const words = keyedWords(key, checkpoint.position)
        expect(trainModel(runOn(small, small.baskets, { trainer, words, checkpoint }))).toEqual(
          whole(trainer),
        )
      }
    },
  )

  test('and one with another key draws other noise', () => {
    const other = trainModel(
      runOn(small, small.baskets, { trainer: 'popularity', words: keyedWords(keyOfSeed(10)) }),
    )
    expect(other.factors.bias).not.toEqual(whole('popularity').factors.bias)
  })
})

describe('What one person adds to a step', () => {
  test('is never longer than the clip, however they are', () => {
    const model = {
      dims: 3,
      vectors: Float64Array.from({ length: 30 }, (_, at) => Math.sin(at) * 50),
      rows: Int32Array.from({ length: 10 }, (_, at) => at),
      bias: new Float64Array(10),
    }
    const gradients = createGradients(model, 0.3)
    for (let first = 0; first < 8; first += 1) {
      const sums = new Float64Array(30)
      gradients.add(sums, { history: Int32Array.of(first), targets: Int32Array.of(first + 1, first + 2) })
      expect(Math.hypot(...sums)).toBeLessThanOrEqual(GRID)
      expect(Math.hypot(...sums)).toBeGreaterThan(GRID * 0.9)
    }
  })
})
