import { codedError } from '../../coded-error.ts'
import { asLines } from './build-training-set.ts'
import type { StoredSet } from './check-training-set.ts'
import type { Manifest, TrainingRow, UsedReceipt } from './training-set.ts'

/** The files of a set, by name: the same set gives the same bytes. */
export const filesOf = ({ rows, receipts, manifest }: StoredSet): ReadonlyMap<string, string> =>
  new Map([
    ['rows.ndjson', asLines(rows)],
    ['receipts.ndjson', asLines(receipts)],
    ['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
  ])

/** The set of such files. What cannot be read is refused by the name of the file. */
export function setIn(textOf: (name: string) => string): StoredSet {
  const read = <T>(name: string, parse: (text: string) => T): T => {
    try {
      return parse(textOf(name))
    } catch {
      throw codedError('TRAINING_SET_UNREADABLE', name)
    }
  }
  const lines = (text: string): unknown[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown)
  return {
    rows: read('rows.ndjson', lines) as readonly TrainingRow[],
    receipts: read('receipts.ndjson', lines) as readonly UsedReceipt[],
    manifest: read('manifest.json', (text) => JSON.parse(text) as Manifest),
  }
}
