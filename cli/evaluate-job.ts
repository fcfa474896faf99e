import { randomBytes } from 'node:crypto'
import { type Report, evaluate } from '../subgraphs/recommendations/evaluate/evaluate.ts'
import { keyOfSeed } from '../subgraphs/recommendations/train/keyed-words.ts'
import { readModel } from '../subgraphs/recommendations/train/model-files.ts'
import { readInput } from '../subgraphs/recommendations/train/read-input.ts'
import { readInteractions } from '../subgraphs/recommendations/train/read-interactions.ts'
import { readItems } from '../subgraphs/recommendations/train/read-items.ts'
import type { TrainerName } from '../subgraphs/recommendations/train/training-run.ts'

export interface EvaluateJob {
  readonly interactions: string
  readonly items: string | null
  readonly model: string | null
  readonly epsilons: readonly number[]
  readonly delta: number
  readonly trainers: readonly TrainerName[]
  /** With which σ vectors of people might be kept; none: it is not asked. */
  readonly storedSigmas: readonly string[]
  /** Share of people who may be found. */
  readonly mostLinkage: number
  readonly testSeed: number | null
}

export const evaluateJob = (
  job: EvaluateJob,
  progress: (done: number, total: number, said: string) => void,
): Report => {
  const model = job.model === null ? null : readModel(job.model)
  const listed = job.items === null ? null : readItems(readInput(job.items, 'ITEMS_INVALID'))
  const list = listed ?? (model === null ? null : { items: model.items, categories: null })
  const interactions = readInteractions(readInput(job.interactions, 'INTERACTIONS_INVALID'), {
    list,
    people: null,
  })
  return evaluate({
    interactions,
    categories: list?.categories ?? null,
    model,
    epsilons: model === null ? job.epsilons : [],
    delta: job.delta,
    trainers: job.trainers,
    stored: job.storedSigmas.length === 0 ? null : { sigmas: job.storedSigmas, mostLinkage: job.mostLinkage },
    key: job.testSeed === null ? randomBytes(32) : keyOfSeed(job.testSeed),
    progress,
  })
}
