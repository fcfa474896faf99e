import { isDeepStrictEqual } from 'node:util'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { CodedFailure } from '../../coded-failure.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import { isPid } from '../pids.ts'
import { type ConsentStore, ReceiptConflict, SubjectErased } from '../store.ts'
import { readConsentRecord, type RecordedReceipt } from './read-consent-record.ts'
import { chainKey, grants, type Receipt } from './receipt.ts'
import { TRANSITIONS } from './transitions.ts'

/** What became of one line. */
export interface RecordOutcome {
  readonly line: number
  readonly outcome: 'imported' | 'there already' | SubgraphErrorCode
  /** What of the record is refused. */
  readonly place?: string
}

interface Options {
  readonly vocabulary: Vocabulary
  /** Milliseconds since the epoch. */
  readonly now: number
}

interface Read {
  readonly line: number
  readonly record: RecordedReceipt
}

/**
 * Imports consent records (one JSON object a line), each person's in the order in which they were said. The records of
 * one statement stand together and are taken or refused together; what is there already stays as it is, so an import
 * that was broken off is simply made again.
 */
export async function* importRecords(
  lines: AsyncIterable<string>,
  store: ConsentStore,
  options: Options,
): AsyncGenerator<RecordOutcome> {
  let waiting: readonly Read[] = []
  let line = 0
  for await (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    const read = readLine(text, line)
    const isMore = 'record' in read && waiting.every(({ record }) => goTogether(record, read.record))
    if (!isMore) {
      yield* await write(waiting, store, options)
      waiting = []
    }
    if ('record' in read) waiting = [...waiting, read]
    else yield read
  }
  yield* await write(waiting, store, options)
}

function readLine(text: string, line: number): Read | RecordOutcome {
  try {
    return { line, record: readConsentRecord(JSON.parse(text)) }
  } catch (error) {
    if (error instanceof CodedFailure) return { line, outcome: error.code, place: error.place }
    return { line, outcome: 'CONSENT_RECORD_INVALID', place: 'JSON' }
  }
}

/** Parts of one statement; the very same record once more is a line of its own. */
function goTogether(one: RecordedReceipt, other: RecordedReceipt): boolean {
  return (
    one.subject === other.subject && one.statement === other.statement && one.consentId !== other.consentId
  )
}

async function write(
  reads: readonly Read[],
  store: ConsentStore,
  options: Options,
): Promise<readonly RecordOutcome[]> {
  const refused = (outcome: SubgraphErrorCode, place?: string): readonly RecordOutcome[] =>
    reads.map(({ line }) => ({ line, outcome, ...(place !== undefined && { place }) }))
  const first = reads[0]
  if (first === undefined) return []
  try {
    for (const { record } of reads) check(record, options)
    const known = new Map((await store.history(first.record.subject)).map((one) => [one.consentId, one]))
    const receipts = await placed(reads, store, known)
    const isNew = receipts.some(({ consentId }) => !known.has(consentId))
    if (isNew && receipts.some(({ consentId }) => known.has(consentId))) return refused('STATEMENT_ID_REUSED')
    const written = isNew ? (await store.append(receipts)).receipts : [...known.values()]
    const there = new Map(written.map((receipt) => [receipt.consentId, receipt]))
    const areThere = receipts.every((receipt) => isDeepStrictEqual(there.get(receipt.consentId), receipt))
    if (!areThere) return refused('STATEMENT_ID_REUSED')
    return reads.map(({ line }) => ({ line, outcome: isNew ? 'imported' : 'there already' }))
  } catch (error) {
    if (error instanceof CodedFailure) return refused(error.code, error.place)
    if (error instanceof ReceiptConflict) return refused('CONSENT_CHANGED_MEANWHILE')
    if (error instanceof SubjectErased) return refused('SUBJECT_BLOCKED')
    throw error
  }
}

function check(record: RecordedReceipt, { vocabulary, now }: Options): void {
  if (!isPid(record.subject)) throw new CodedFailure('INVALID_SUBJECT', 'dpv:hasDataSubject')
  if (!vocabulary.scopes.has(record.scope)) throw new CodedFailure('UNKNOWN_SCOPE', 'dpv:hasPurpose')
  if (record.at > now) throw new CodedFailure('RECEIPT_FROM_THE_FUTURE', 'dpv:isIndicatedAtTime')
  const isOverAtOnce = grants(record.status) && record.expiresAt !== null && record.expiresAt <= record.at
  if (isOverAtOnce) throw new CodedFailure('INVALID_EXPIRY', 'dpv:hasExpiryTime')
}

/** Each behind the last of its chain; of a record from elsewhere, that is all we know of its place. */
async function placed(
  reads: readonly Read[],
  store: ConsentStore,
  known: ReadonlyMap<string, Receipt>,
): Promise<readonly Receipt[]> {
  const subject = reads[0]?.record.subject ?? ''
  const heads = new Map(
    (await store.records([subject])).get(subject)?.latest.map((head) => [chainKey(head), head]),
  )
  return reads.map(({ record }) => {
    const there = known.get(record.consentId)
    if (there !== undefined) return behind(record, there)
    const head = heads.get(chainKey(record))
    if (!TRANSITIONS[head?.status ?? 'nothing'].includes(record.status))
      throw new CodedFailure('STATUS_CANNOT_FOLLOW', 'dpv:hasConsentStatus')
    const receipt = behind(record, {
      version: (head?.version ?? 0) + 1,
      predecessor: head?.consentId ?? null,
    })
    heads.set(chainKey(record), receipt)
    return receipt
  })
}

function behind(record: RecordedReceipt, place: Pick<Receipt, 'version' | 'predecessor'>): Receipt {
  return {
    ...record,
    version: record.version ?? place.version,
    predecessor: record.predecessor ?? place.predecessor,
  }
}
