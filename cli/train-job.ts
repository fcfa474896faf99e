import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asLines } from '../subgraphs/features/training/build-training-set.ts'
import { setIn } from '../subgraphs/features/training/training-files.ts'
import type { StoredSet } from '../subgraphs/features/training/check-training-set.ts'
import type { Lineage, ModelCard } from '../subgraphs/recommendations/train/model.ts'
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
  const lines = set === null ? null : asLines(set.receipts)
  const asked = { interactions: digestOf(text), trainingSet: setOf(set), receipts: lines === null ? null : digestOf(lines) }
  const question = questionOf(job, { ...asked, items, categories })
  const { testSeed, trainer } = job
  const run = openRun(output, question, keyOf(testSeed))
  if (ledger !== null) spendFor(run, ledger, { epsilon, delta })
  const receipts = lines === null ? null : receiptsBeside(lines, run.key)
  const { interactions: read, trainingSet } = asked
  const lineage: Lineage = { interactions: read, trainingSet, receipts }
  const prepared = { interactions, categories, trainer, epsilon, delta, output, question, testSeed }
  const card = writeTrained(trainPrepared(prepared, progress), {
    output,
    delta,
    testSeed,
    items,
    source: {
      catalogue: list === null ? 'interactions' : 'given',
      lineage: 'lineage.json',
      ...(receipts && { receipts: boundTo(receipts) }),
    },
    beside: new Map([
      ...(receipts && lines !== null ? [[receipts.file, lines] as const] : []),
      ['lineage.json', `${JSON.stringify(lineage, null, 2)}\n`],
    ]),
  })
  run.finish()
  return card
}

/** What a run that waits must have been asked to be gone on with. */
const questionOf = ({ epsilon, delta, trainer, testSeed: seed }: TrainJob, data: object): string =>
  digestOf(JSON.stringify({ ...data, epsilon, delta, trainer, seed }))

const setAt = (directory: string): StoredSet => setIn((name) => readFileSync(join(directory, name), 'utf8'))

const peopleOf = ({ rows }: StoredSet): ReadonlySet<string> => new Set(rows.map(({ pid }) => pid))

const setOf = (set: StoredSet | null): string | null =>
  set === null ? null : digestOf(JSON.stringify(set.manifest)).slice(0, 16)

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
