import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setIn } from '../subgraphs/features/training/training-files.ts'
import type { StoredSet } from '../subgraphs/features/training/check-training-set.ts'
import { keyedWords, keyOfSeed } from '../subgraphs/recommendations/train/keyed-words.ts'
import type { Lineage, ModelCard } from '../subgraphs/recommendations/train/model.ts'
import { makeModelDirectory } from '../subgraphs/recommendations/train/model-directory.ts'
import { writeModel } from '../subgraphs/recommendations/train/model-files.ts'
import { readInput } from '../subgraphs/recommendations/train/read-input.ts'
import { readInteractions } from '../subgraphs/recommendations/train/read-interactions.ts'
import { readItems } from '../subgraphs/recommendations/train/read-items.ts'
import { type Trained, trainModel } from '../subgraphs/recommendations/train/train-model.ts'
import type { TrainerName, TrainingRun } from '../subgraphs/recommendations/train/training-run.ts'
import { type LedgerPlace, mustFit, spend } from '../subgraphs/recommendations/train/training-ledger.ts'
import { openRun, waitingRun } from '../subgraphs/recommendations/train/unfinished-run.ts'

/** Everything that a thread needs to be told. */
export interface TrainJob {
  readonly interactions: string
  readonly output: string
  readonly epsilon: number
  readonly delta: number
  readonly trainer: TrainerName
  readonly items: string | null
  readonly trainingSet: string | null
  readonly ledger: LedgerPlace | null
  readonly testSeed: number | null
}

/** In the order in which something may be refused: budget, data, the run that waits; then the budget is spent, and then drawn. */
export const trainJob = (job: TrainJob, progress: TrainingRun['progress']): ModelCard => {
  const { ledger, output, epsilon, delta } = job
  if (ledger !== null) mustFit(ledger, waitingRun(output) ?? '', epsilon)
  const text = readInput(job.interactions, 'INTERACTIONS_INVALID')
  const list = job.items === null ? null : readItems(readInput(job.items, 'ITEMS_INVALID'))
  const set = job.trainingSet === null ? null : setAt(job.trainingSet)
  const interactions = readInteractions(text, { list, people: set === null ? null : peopleOf(set) })
  const lineage = lineageOf(text, set)
  const categories = list?.categories ?? null
  const asked = { lineage, items: interactions.items, categories }
  const run = openRun(output, questionOf(job, asked), job.testSeed === null ? null : keyOfSeed(job.testSeed))
  if (ledger !== null) spend(ledger, { run: run.id, epsilon, delta })
  const trained = trainModel({
    interactions,
    categories,
    trainer: job.trainer,
    epsilon,
    delta,
    words: keyedWords(run.key, run.checkpoint?.position ?? 0),
    checkpoint: run.checkpoint,
    keep: run.keep,
    progress,
  })
  const card = write(job, trained, { items: interactions.items, isListed: list !== null, lineage })
  run.finish()
  return card
}

/** What a run that waits must have been asked to be gone on with. */
const questionOf = ({ epsilon, delta, trainer, testSeed: seed }: TrainJob, data: object): string =>
  digestOf(JSON.stringify({ ...data, epsilon, delta, trainer, seed }))

const setAt = (directory: string): StoredSet => setIn((name) => readFileSync(join(directory, name), 'utf8'))

const peopleOf = ({ rows }: StoredSet): ReadonlySet<string> => new Set(rows.map(({ pid }) => pid))

const lineageOf = (text: string, set: StoredSet | null): Lineage => ({
  interactions: digestOf(text),
  trainingSet: set === null ? null : digestOf(JSON.stringify(set.manifest)).slice(0, 16),
  receipts: [...new Set(set?.receipts.flatMap(({ receipt }) => receipt ?? []))].toSorted(),
})

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Written {
  readonly items: readonly string[]
  readonly isListed: boolean
  readonly lineage: Lineage
}

const write = (job: TrainJob, trained: Trained, { items, isListed, lineage }: Written): ModelCard => {
  const { factors, kind, people, gain } = trained
  makeModelDirectory(job.output)
  writeFileSync(join(job.output, 'lineage.json'), `${JSON.stringify(lineage, null, 2)}\n`, { mode: 0o600 })
  return writeModel(
    job.output,
    {
      items,
      dims: factors.dims,
      factors: Float32Array.from(factors.vectors),
      bias: Float32Array.from(factors.bias),
    },
    {
      kind,
      people,
      privacy: {
        unit: 'one person',
        neighbours: 'added or removed',
        epsilon: trained.epsilon,
        delta: job.delta,
        accountant: trained.accountant,
        releases: trained.releases,
        choice: trained.choice,
      },
      source: { catalogue: isListed ? 'given' : 'interactions', lineage: 'lineage.json' },
      quality: { gain },
      testSeed: job.testSeed,
    },
  )
}
