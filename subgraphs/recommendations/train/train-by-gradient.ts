import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { uniformBelow } from '../../../privacy/noise/uniform-below.ts'
import type { Checkpoint, GradientState } from './checkpoint.ts'
import { createGradients, type DotModel } from './gradient-step.ts'
import type { PrivateRelease } from './model.ts'
import { noisySum } from './noisy-sum.ts'
import type { Popularity } from './release-popularity.ts'
import { releasedOnce } from './released-once.ts'
import { noiseFor, rhoWithin } from './rho-within.ts'
import { spentOn } from './spent-on.ts'
import { type Learned, SHARES, type TrainingRun } from './training-run.ts'

/** User-level DP-SGD on a model of dot products. Nothing of how it learns is chosen by looking at people: these are fixed. */
export const trainByGradient = (run: TrainingRun, checkpoint: Checkpoint): Learned => {
  const { popularity } = checkpoint
  const plan = planOf(run, popularity)
  const model = modelOf(run, popularity, checkpoint.gradient)
  let state = checkpoint.gradient ?? startOf(model.vectors)
  const gradients = createGradients(model, CLIP)
  while (state.step < plan.steps) {
    const sums = new Float64Array(model.vectors.length)
    for (const basket of run.interactions.baskets) {
      // Poisson: each person by a coin of their own, whoever else is in it.
      if (run.words.next() >= plan.samplingRate * WORD || basket.length < 2) continue
      const mixed = shuffled(basket, run.words)
      const half = Math.floor(mixed.length / 2)
      gradients.add(sums, { history: mixed.subarray(0, half), targets: mixed.subarray(half) })
    }
    noisySum(sums, plan.noiseMultiplier, run.words)
    state = stepped(state, sums, {
      people: plan.samplingRate * popularity.people,
      part: state.step / plan.steps,
    })
    model.vectors.set(state.vectors)
    run.progress(state.step, plan.steps, `step ${state.step} of ${plan.steps}`)
    if (state.step % KEEP_EVERY === 0)
      run.keep({ ...checkpoint, gradient: state, position: run.words.position() })
  }
  return { factors: factorsOf(model), release: { ...plan, steps: state.step } }
}

const WORD = 2 ** 32
const CLIP = 0.3
const DIMS = 12
const PEOPLE_OF_STEP = 200
const ROUNDS = 15
const KEEP_EVERY = 25

/**
 * As many steps as were planned, with as little noise as ε allows for them beside the other releases. By the noisy number of
 * people: the true one is nobody’s to know.
 */
const planOf = ({ epsilon, delta }: TrainingRun, { people }: Popularity): PrivateRelease => {
  const samplingRate = Math.floor(Math.min(0.5, PEOPLE_OF_STEP / people) * WORD) / WORD
  const steps = Math.max(1, Math.round(ROUNDS / samplingRate))
  const rho = rhoWithin(epsilon, delta)
  const others = (['popularity', 'choice'] as const).map((name) =>
    releasedOnce(name, noiseFor(rho * SHARES[name])),
  )
  const release = (noiseMultiplier: number): PrivateRelease => ({
    name: 'gradient steps',
    clip: CLIP,
    noiseMultiplier,
    samplingRate,
    steps,
  })
  let [least, most] = [LEAST_NOISE, LEAST_NOISE]
  while (spentOn([...others, release(most)], delta).epsilon > epsilon) most *= 2
  for (let round = 0; round < 20; round += 1) {
    const middle = (least + most) / 2
    if (spentOn([...others, release(middle)], delta).epsilon > epsilon) least = middle
    else most = middle
  }
  return release(most)
}

const LEAST_NOISE = 0.3

/** With categories an item has no vector of its own: the small tower, whose few rows the noise leaves alone. */
const modelOf = (
  { categories, interactions }: TrainingRun,
  { share, noise }: Popularity,
  known: GradientState | null,
): DotModel => {
  const rows = categories ?? Int32Array.from(interactions.items, (_, item) => item)
  const count = rows.reduce((most, row) => Math.max(most, row + 1), 0)
  return {
    dims: DIMS,
    rows,
    vectors: known === null ? first(count * DIMS) : Float64Array.from(known.vectors),
    bias: share.map((value) => Math.log(Math.max(value, noise / 2))),
  }
}

/** Anything without order will do, and everybody may know it. */
const first = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, at) => {
    const wild = Math.sin((at + 1) * 12.9898) * 43_758.5453
    return (wild - Math.floor(wild) - 0.5) * START
  })

const START = 0.9

const startOf = (vectors: Float64Array): GradientState => ({
  step: 0,
  vectors: Float64Array.from(vectors),
  first: new Float64Array(vectors.length),
  second: new Float64Array(vectors.length),
})

/** Adam, on gradients that are noisy already; its rate falls to a tenth. */
const stepped = (
  { step, vectors, first: slow, second: slower }: GradientState,
  sums: Float64Array,
  { people, part }: { readonly people: number; readonly part: number },
): GradientState => {
  const next = { step: step + 1, vectors: vectors.slice(), first: slow.slice(), second: slower.slice() }
  const rate = RATE * (1 - 0.9 * part)
  for (let at = 0; at < sums.length; at += 1) {
    const slope = (sums[at] as number) / people
    const mean = BETA * (slow[at] as number) + (1 - BETA) * slope
    const square = GAMMA * (slower[at] as number) + (1 - GAMMA) * slope * slope
    next.first[at] = mean
    next.second[at] = square
    const size = Math.sqrt(square / (1 - GAMMA ** next.step)) + 1e-8
    next.vectors[at] = (vectors[at] as number) - (rate * mean) / (1 - BETA ** next.step) / size
  }
  return next
}

const RATE = 0.03
const BETA = 0.9
const GAMMA = 0.999

const shuffled = (basket: Int32Array, words: RandomWords): Int32Array => {
  const mixed = Int32Array.from(basket)
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = uniformBelow(words, at + 1)
    const moved = mixed[at] as number
    mixed[at] = mixed[other] as number
    mixed[other] = moved
  }
  return mixed
}

const factorsOf = ({ dims, rows, vectors, bias }: DotModel): Learned['factors'] => {
  const all = new Float64Array(rows.length * dims)
  for (const [item, row] of rows.entries())
    all.set(vectors.subarray(row * dims, (row + 1) * dims), item * dims)
  return { dims, vectors: all, bias }
}
