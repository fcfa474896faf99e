import type { Checkpoint } from './checkpoint.ts'
import type { Factors } from './factors.ts'
import type { ModelKind, PrivateRelease, QualityEstimate } from './model.ts'
import { releaseGain } from './release-gain.ts'
import { releasePopularity } from './release-popularity.ts'
import { releasedOnce } from './released-once.ts'
import { noiseFor, rhoWithin } from './rho-within.ts'
import { spentOn } from './spent-on.ts'
import { trainByCoOccurrence } from './train-by-co-occurrence.ts'
import { trainByGradient } from './train-by-gradient.ts'
import { SHARES, type TrainingRun } from './training-run.ts'

export interface Trained {
  readonly kind: ModelKind
  readonly factors: Factors
  /** Noisy. */
  readonly people: number
  readonly releases: readonly PrivateRelease[]
  readonly epsilon: number
  readonly accountant: 'zcdp' | 'rdp'
  readonly gain: QualityEstimate | null
  readonly choice: string
}

/**
 * Trains within ε of user-level differential privacy: one person, with all they did, more or less in the data makes hardly a
 * difference to the model. What is noisy once may be looked at for ever, so all that is done between two releases is free.
 */
export const trainModel = (run: TrainingRun): Trained => {
  const isPopularity = run.trainer === 'popularity'
  const rho = rhoWithin(run.epsilon, run.delta)
  const first = releasedOnce('popularity', noiseFor(rho * (isPopularity ? 1 : SHARES.popularity)))
  const checkpoint = run.checkpoint ?? begun(run, first.noiseMultiplier)
  const { popularity } = checkpoint
  const popular: Factors = { dims: 0, vectors: new Float64Array(0), bias: popularity.share }
  const told = (kind: ModelKind, factors: Factors, releases: readonly PrivateRelease[]) =>
    ({ kind, factors, people: popularity.people, releases, ...spentOn(releases, run.delta) }) as const
  if (isPopularity)
    return { ...told('popularity', popular, [first]), gain: null, choice: 'popularity was asked for' }

  const kind = kindFor(run, popularity.people)
  const learned =
    kind === 'gradient' ? trainByGradient(run, checkpoint) : trainByCoOccurrence(run, popularity)
  const last = releasedOnce('choice', noiseFor(rho * SHARES.choice))
  const compared = { learned: learned.factors, popular, people: popularity.people }
  const gain = releaseGain(run.interactions.baskets, compared, last.noiseMultiplier, run.words)
  run.progress(1, 1, 'choice')
  const releases = [first, learned.release, last]
  return gain.interval[0] > 0
    ? { ...told(kind, learned.factors, releases), gain, choice: BETTER }
    : { ...told('popularity', popular, releases), gain, choice: NOT_BETTER }
}

const BETTER = 'better than popularity, as measured with noise; the measuring is among the releases'
const NOT_BETTER = `nothing was surely better than popularity at this ε, so popularity is served, from ${SHARES.popularity * 100} % of what was spent; --trainer popularity spends all of it on that. The measuring is among the releases`

const begun = (run: TrainingRun, noiseMultiplier: number): Checkpoint => {
  run.progress(0, 1, 'popularity')
  const popularity = releasePopularity(run.interactions, noiseMultiplier, run.words)
  const checkpoint = { popularity, gradient: null, position: run.words.position() }
  run.keep(checkpoint)
  return checkpoint
}

/** On public grounds: whether categories are there, and the noisy number of people. Few people are told apart by categories only. */
const kindFor = ({ trainer, categories }: TrainingRun, people: number): Exclude<ModelKind, 'popularity'> => {
  if (trainer === 'gradient' || trainer === 'co-occurrence') return trainer
  return categories !== null && people < ENOUGH_PEOPLE ? 'gradient' : 'co-occurrence'
}

const ENOUGH_PEOPLE = 5_000
