import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asLines } from '../subgraphs/features/training/build-training-set.ts'
import { setIn } from '../subgraphs/features/training/training-files.ts'
import type { StoredSet } from '../subgraphs/features/training/check-training-set.ts'
import type { Lineage, ModelCard, ModelSource } from '../subgraphs/recommendations/train/model.ts'
import { readInput } from '../subgraphs/recommendations/train/read-input.ts'
import { readInteractions } from '../subgraphs/recommendations/train/read-interactions.ts'
import { readItems } from '../subgraphs/recommendations/train/read-items.ts'
import { boundTo, receiptsBeside } from '../subgraphs/recommendations/train/receipts-beside.ts'
import { keyOf, trainPrepared } from '../subgraphs/recommendations/train/train-prepared.ts'
import type { TrainerName, TrainingRun } from '../subgraphs/recommendations/train/training-run.ts'
import { type LedgerPlace, mustFit, spend } from '../subgraphs/recommendations/train/training-ledger.ts'
import { openRun, type UnfinishedRun, waitingRun } from '../subgraphs/recommendations/train/unfinished-run.ts'
import { writeTrained } from '../subgraphs/recommendations/train/write-trained.ts'

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
  if (ledger !== null) mustFit(ledger, { run: waitingRun(output) ?? '', epsilon, delta })
  const text = readInput(job.interactions, 'INTERACTIONS_INVALID')
  const list = job.items === null ? null : readItems(readInput(job.items, 'ITEMS_INVALID'))
  const set = job.trainingSet === null ? null : setAt(job.trainingSet)
  const interactions = readInteractions(text, { list, people: set === null ? null : peopleOf(set) })
  const categories = list?.categories ?? null
  const { items } = interactions
  const origin = originOf(text, set)
  const question = questionOf(job, { ...origin, items, categories })
  const { testSeed, trainer } = job
  const run = openRun(output, question, keyOf(testSeed))
  if (ledger !== null) spendFor(run, ledger, { epsilon, delta })
  const prepared = { interactions, categories, trainer, epsilon, delta, output, question, testSeed }
  const { receipts, beside } = besideOf(origin, set, run.key)
  const card = writeTrained(trainPrepared(prepared, progress), {
    output,
    delta,
    testSeed,
    items,
    source: { catalogue: list === null ? 'interactions' : 'given', lineage: 'lineage.json', ...receipts },
    beside,
  })
  run.finish()
  return card
}

type Origin = Pick<Lineage, 'interactions' | 'trainingSet'>

const originOf = (text: string, set: StoredSet | null): Origin & { readonly listed: string | null } => ({
  interactions: digestOf(text),
  trainingSet: set === null ? null : digestOf(JSON.stringify(set.manifest)).slice(0, 16),
  listed: set === null ? null : digestOf(asLines(set.receipts)),
})

/** What stays with who trained, and what of it the card says. */
const besideOf = (
  { interactions, trainingSet }: Origin,
  set: StoredSet | null,
  key: Buffer,
): { readonly receipts: Pick<ModelSource, 'receipts'>; readonly beside: ReadonlyMap<string, string> } => {
  const lines = set === null ? null : asLines(set.receipts)
  const receipts = lines === null ? null : receiptsBeside(lines, key)
  const lineage: Lineage = { interactions, trainingSet, receipts }
  const beside = new Map([['lineage.json', `${JSON.stringify(lineage, null, 2)}\n`]])
  if (receipts === null || lines === null) return { receipts: {}, beside }
  return { receipts: { receipts: boundTo(receipts) }, beside: beside.set(receipts.file, lines) }
}

/** What a run that waits must have been asked to be gone on with. */
const questionOf = ({ epsilon, delta, trainer, testSeed: seed }: TrainJob, data: object): string =>
  digestOf(JSON.stringify({ ...data, epsilon, delta, trainer, seed }))

const setAt = (directory: string): StoredSet => setIn((name) => readFileSync(join(directory, name), 'utf8'))

const peopleOf = ({ rows }: StoredSet): ReadonlySet<string> => new Set(rows.map(({ pid }) => pid))

/** Of a run that was just begun and may not spend, nothing is kept. */
const spendFor = (
  run: UnfinishedRun,
  ledger: LedgerPlace,
  cost: { readonly epsilon: number; readonly delta: number },
): void => {
  try {
    spend(ledger, { run: run.id, ...cost })
  } catch (problem) {
    if (run.isNew) run.abandon()
    throw problem
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
