import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codedError } from '../../coded-error.ts'
import { type BoundReceipts, type ModelCard, type ReceiptsBeside, RECEIPTS_FILE } from './model.ts'

/** A line of the file: what was used, and under which consent of whom; null: the events rest on a contract. */
export interface ReceiptLine {
  readonly pid: string
  readonly scope: string | null
  readonly receipt: string | null
  readonly revision: string | null
  /** Of the events, in the store of events. */
  readonly positions: readonly string[]
}

export const receiptsBeside = (text: string, key: Buffer): ReceiptsBeside => ({
  file: RECEIPTS_FILE,
  count: receiptsIn(linesOf(text)).length,
  digest: digestOf(text),
  nonce: createHmac('sha256', key).update('receipts').digest('hex'),
})

/** Each once, in the order of the file. */
export const receiptsIn = (lines: readonly ReceiptLine[]): readonly string[] => [
  ...new Set(lines.flatMap(({ receipt }) => receipt ?? [])),
]

/** What the card says of them: which file it is, and a digest that says nothing to whom does not have the number. */
export const boundTo = ({ file, nonce, digest }: ReceiptsBeside): BoundReceipts => ({
  file,
  commitment: createHash('sha256').update(`${nonce} ${digest}`).digest('hex'),
})

/** The lines of the file that the card names, if they and the lineage are what the card was bound to when it was written. */
export const readReceipts = (directory: string, { source }: ModelCard): readonly ReceiptLine[] => {
  const bound = source.receipts
  if (bound === undefined) throw codedError('MODEL_WITHOUT_RECEIPTS', 'model.json')
  const { receipts } = read(directory, source.lineage, (text) => JSON.parse(text) as Lineage)
  const text = read(directory, RECEIPTS_FILE, String)
  const isBound = receipts?.digest === digestOf(text) && boundTo(receipts).commitment === bound.commitment
  if (!isBound) throw codedError('MODEL_LINEAGE_DIFFERS', RECEIPTS_FILE)
  return linesOf(text)
}

interface Lineage {
  readonly receipts?: ReceiptsBeside
}

const read = <T>(directory: string, name: string, parse: (text: string) => T): T => {
  try {
    return parse(readFileSync(join(directory, name), 'utf8'))
  } catch {
    throw codedError('MODEL_LINEAGE_DIFFERS', name)
  }
}

const linesOf = (text: string): readonly ReceiptLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ReceiptLine)

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
