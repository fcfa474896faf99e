import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codedError } from './coded-error.ts'
import { whoLeft } from './features/training/check-training-set.ts'
import type { TrainingPorts } from './features/training/training-ports.ts'
import type { UsedReceipt } from './features/training/training-set.ts'
import type { HouseLineage } from './house-lineage.ts'
import type { ModelCard } from './recommendations/train/model.ts'
import { copyModel, readModel } from './recommendations/train/model-files.ts'
import { readReceipts } from './recommendations/train/receipts-beside.ts'

export interface Publishing {
  /** Where it was trained. */
  readonly from: string
  /** Where it is served from. */
  readonly to: string
  /** Publishes it although people have left since. */
  readonly althoughLeft: boolean
}

export interface Published {
  readonly card: ModelCard
  /** How many have left since they were read. */
  readonly left: number
  readonly people: number
}

/**
 * Gives a model to those who serve it, if everybody it was learned of still agrees. Withdrawing does not touch what was done before
 * (GDPR Art. 7(3)), but publishing is done now. Only the model goes there: who was in it stays where it was trained, and that it was
 * published is written down beside it.
 */
export async function publishModel(
  { from, to, althoughLeft }: Publishing,
  ports: Pick<TrainingPorts, 'standings' | 'historyUpTo' | 'policyDenials' | 'clock'>,
): Promise<Published> {
  const { card } = readModel(from, 'serving')
  const { lineage, receipts } = lineageAt(from, card)
  const pids = [...new Set(receipts.map(({ pid }) => pid))]
  const left = await whoLeft(pids, { receipts, manifest: lineage.manifest }, ports)
  if (left.length > 0 && !althoughLeft)
    throw codedError('MODEL_PEOPLE_LEFT', `${left.length} of ${pids.length} pids`)
  const line = { at: new Date(ports.clock()).toISOString(), version: card.version, to, left: left.length }
  appendFileSync(join(from, 'published.ndjson'), `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true })
  copyModel(from, to)
  return { card, left: left.length, people: lineage.people }
}

/** What lies beside the card, if it is what the card was bound to when it was written. */
function lineageAt(
  directory: string,
  card: ModelCard,
): { readonly lineage: HouseLineage; readonly receipts: readonly UsedReceipt[] } {
  if (card.source.receipts === undefined) throw codedError('MODEL_NOT_OF_THE_HOUSE', 'model.json')
  const receipts = readReceipts(directory, card)
  const lineage = JSON.parse(readFileSync(join(directory, card.source.lineage), 'utf8')) as HouseLineage
  // Of a training set in files: who agrees to what is not known here.
  if (lineage.manifest === undefined) throw codedError('MODEL_NOT_OF_THE_HOUSE', card.source.lineage)
  return { lineage, receipts }
}
