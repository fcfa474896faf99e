import { createHash } from 'node:crypto'
import type { ResolvedRecord } from '../../subgraphs/identity/store.ts'

/** A record of a made-up person, and the one it joins. The same index gives the same record. */
export interface MadeUpRecord {
  readonly record: ResolvedRecord
  /** The index of the record it joins; null: the first of its person. */
  readonly joins: number | null
}

/**
 * People have one to five records each, and one in a hundred thousand has two hundred: every join is with the record
 * before, half of them, or with the person's first, so that ways through a cluster are long and short.
 */
export function* madeUpRecords(from: number, to: number): Generator<MadeUpRecord> {
  let [first, left, person] = [0, 0, 0]
  for (let index = 0; index < to; index += 1) {
    const isFirst = left === 0
    if (isFirst) {
      person += 1
      left = person % 30_000 === 0 ? 200 : 1 + (person % 5)
      first = index
    }
    left -= 1
    if (index < from) continue
    const previous = index % 2 === 0 ? index - 1 : first
    yield { record: recordAt(index, first), joins: isFirst ? null : previous }
  }
}

export const pidAt = (index: number): string => `p1_${token(`person ${index}`)}`

const token = (text: string): string => createHash('sha256').update(text).digest('base64url')

const recordAt = (index: number, first: number): ResolvedRecord => ({
  seed: pidAt(index),
  pid: pidAt(first),
  source: index === first ? 'crm' : 'shop',
  recordId: String(index),
  region: 'DE',
  language: 'de',
  identifiers: [
    { kind: 'EMAIL', token: `e1_${token(`email ${first}`)}` },
    { kind: 'PHONE', token: `t1_${token(`phone ${index}`)}` },
  ],
  devices: [],
  household: `h1_${token(`house ${Math.floor(first / 3)}`)}`,
  account: null,
  says: ['displayName', 'region', 'email', 'phone'],
})
