import { createHmac } from 'node:crypto'
import { type Factors, scoreItems } from '../train/factors.ts'
import type { Interactions } from '../train/interactions.ts'
import { keyedWords } from '../train/keyed-words.ts'
import type { Model, ModelKind, PrivateRelease, QualityEstimate } from '../train/model.ts'
import { trainModel } from '../train/train-model.ts'
import type { TrainerName } from '../train/training-run.ts'
import { BASELINES } from './baselines.ts'
import { LIST, type Measured, measure } from './measure.ts'
import { measureStored, type MeasuringStored, type StoredReport } from './measure-stored.ts'
import type { Scorer } from './scorer.ts'
import { type Split, splitByTime } from './split-by-time.ts'

export interface Evaluating {
  readonly interactions: Interactions
  readonly categories: Int32Array | null
  /** One that is there already; else models are trained on what people took first. */
  readonly model: Model | null
  readonly epsilons: readonly number[]
  readonly delta: number
  readonly trainers: readonly TrainerName[]
  /** Whether vectors of people could be kept: with which σ, and how many of them may be found; null: nobody asked. */
  readonly stored: Omit<MeasuringStored, 'words'> | null
  /** Of the noise. */
  readonly key: Buffer
  readonly progress: (done: number, total: number, said: string) => void
}

export interface Report {
  readonly people: number
  readonly items: number
  readonly interactions: number
  /** Length of the lists. */
  readonly k: number
  readonly delta: number
  /** Without privacy. */
  readonly baselines: readonly Baseline[]
  readonly private: readonly PrivateResult[]
  /** By ε, ascending: what served best, and whether it was worth more than popularity. */
  readonly best: readonly Best[]
  /** What vectors of people would be worth, and give away; null where it was not asked, or popularity is served. */
  readonly stored: StoredReport | null
}

export interface Baseline extends Measured {
  readonly name: string
}

export interface PrivateResult extends Measured {
  readonly trainer: TrainerName
  readonly epsilonAsked: number
  readonly epsilon: number
  readonly accountant: 'zcdp' | 'rdp'
  readonly served: ModelKind
  readonly releases: readonly PrivateRelease[]
  readonly gain: QualityEstimate | null
  readonly cpuSeconds: number
}

export interface Best {
  readonly epsilon: number
  readonly trainer: TrainerName
  readonly served: ModelKind
  readonly recall: Measured['recall']
  /** Of popularity at the same ε; null where it was not asked for. */
  readonly popularity: number | null
}

/** What each trainer is worth at each ε, held against what nobody has to know and against what no privacy would give. */
export const evaluate = (asked: Evaluating): Report => {
  const { interactions, model, epsilons, trainers, delta } = asked
  const splits = splitByTime(interactions.baskets)
  const names = Object.keys(BASELINES)
  const total = names.length + epsilons.length * trainers.length + (model === null ? 1 : 2)
  let done = 0
  const telling = <T>(said: string, work: () => T): T => {
    asked.progress(done, total, said)
    const found = work()
    done += 1
    return found
  }
  const baselines = names.map((name) => telling(name, () => baseline(name, splits, interactions)))
  const results = epsilons.flatMap((epsilon) =>
    trainers.map((trainer) =>
      telling(`${trainer} at ε ${epsilon}`, () => trained(asked, splits, { epsilon, trainer })),
    ),
  )
  const known = model === null ? [] : [telling('model', () => ofModel(model, splits, interactions.items))]
  const learned = [...results, ...known]
  const stored = telling('vectors of people', () => storedOf(asked, splits, learned))
  const found = learned.map(({ result }) => result)
  asked.progress(total, total, 'done')
  return {
    people: interactions.baskets.length,
    items: interactions.items.length,
    interactions: interactions.baskets.reduce((sum, basket) => sum + basket.length, 0),
    k: LIST,
    delta: model?.card.privacy.delta ?? delta,
    baselines,
    private: found,
    best: bestOf(found),
    stored,
  }
}

interface LearnedResult {
  readonly result: PrivateResult
  readonly factors: Factors
}

/** Of the model that is best at the smallest ε at which there is one: who keeps vectors keeps those of one model. */
const storedOf = (
  { stored, key }: Evaluating,
  splits: readonly Split[],
  learned: readonly LearnedResult[],
): StoredReport | null => {
  const [model] = learned
    .filter(({ result: { served } }) => served !== 'popularity')
    .toSorted(
      ({ result: a }, { result: b }) => a.epsilonAsked - b.epsilonAsked || b.recall.value - a.recall.value,
    )
  if (stored === null || model === undefined) return null
  const { factors, result } = model
  const { trainer, epsilon, recall: perRequest } = result
  const words = keyedWords(createHmac('sha256', key).update('stored vectors').digest())
  return measureStored(splits, { trainer, epsilon, perRequest, factors }, { ...stored, words })
}

const baseline = (name: string, splits: readonly Split[], { items }: Interactions): Baseline => {
  const histories = splits.map(({ history }) => history)
  const scorer = BASELINES[name]?.(histories, items.length) ?? ((_, found) => found)
  return { name, ...measure(splits, scorer, items.length) }
}

/** Each with noise of its own: the same words in two trainings would show one through the other. */
const trained = (
  { interactions, categories, delta, key }: Evaluating,
  splits: readonly Split[],
  { epsilon, trainer }: { readonly epsilon: number; readonly trainer: TrainerName },
): LearnedResult => {
  const begun = process.cpuUsage()
  const own = createHmac('sha256', key).update(`${trainer} ${epsilon}`).digest()
  const found = trainModel({
    interactions: { items: interactions.items, baskets: splits.map(({ history }) => history) },
    categories,
    trainer,
    epsilon,
    delta,
    words: keyedWords(own),
    checkpoint: null,
    keep: () => {},
    progress: () => {},
  })
  const { user, system } = process.cpuUsage(begun)
  const result: PrivateResult = {
    trainer,
    epsilonAsked: epsilon,
    epsilon: found.epsilon,
    accountant: found.accountant,
    served: found.kind,
    releases: found.releases,
    gain: found.gain,
    cpuSeconds: (user + system) / 1e6,
    ...measure(splits, scorerOf(found.factors), interactions.items.length),
  }
  return { result, factors: found.factors }
}

const scorerOf =
  (factors: Factors): Scorer =>
  (history, found) =>
    scoreItems(factors, history, found)

const ofModel = (model: Model, splits: readonly Split[], items: readonly string[]): LearnedResult => {
  const { card, dims } = model
  const own = new Map(model.items.map((item, place) => [item, place]))
  const places = items.map((item) => own.get(item) ?? -1)
  const factors: Factors = {
    dims,
    vectors: Float64Array.from({ length: items.length * dims }, (_, at) => {
      const place = places[Math.floor(at / dims)] as number
      return place < 0 ? 0 : (model.factors[place * dims + (at % dims)] as number)
    }),
    bias: Float64Array.from(places, (place) => (place < 0 ? -1e6 : (model.bias[place] as number))),
  }
  const result: PrivateResult = {
    trainer: card.kind,
    epsilonAsked: card.privacy.epsilon,
    epsilon: card.privacy.epsilon,
    accountant: card.privacy.accountant,
    served: card.kind,
    releases: card.privacy.releases,
    gain: card.quality.gain,
    cpuSeconds: 0,
    ...measure(splits, scorerOf(factors), items.length),
  }
  return { result, factors }
}

const bestOf = (results: readonly PrivateResult[]): Best[] =>
  [...new Set(results.map(({ epsilonAsked }) => epsilonAsked))]
    .toSorted((a, b) => a - b)
    .flatMap((epsilon) => {
      const same = results.filter(({ epsilonAsked }) => epsilonAsked === epsilon)
      const [best] = same.toSorted((a, b) => b.recall.value - a.recall.value)
      const popularity = same.find(({ trainer }) => trainer === 'popularity')?.recall.value ?? null
      return best === undefined
        ? []
        : [{ epsilon, trainer: best.trainer, served: best.served, recall: best.recall, popularity }]
    })
