import { isDeepStrictEqual } from 'node:util'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { CodedFailure } from '../../coded-failure.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import { hasTwinNames } from './twin-names.ts'
import { isPid } from '../pids.ts'
import { type ConsentStore, ReceiptConflict, SubjectErased, type SubjectRecord } from '../store.ts'
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
  for await (const written of lines) {
    line += 1
    const text = line === 1 ? written.replace(/^\uFEFF/, '') : written
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
    const record = readConsentRecord(JSON.parse(text))
    if (hasTwinNames(text)) return { line, outcome: 'IMPORT_ROW_UNREADABLE', place: 'a name comes twice' }
    return { line, record }
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
  for (const [place, form, texts] of textsOf(record))
    if (!texts.every((text) => text === null || form.test(text)))
      throw new CodedFailure('CONSENT_RECORD_INVALID', place)
  if (!isPid(record.subject)) throw new CodedFailure('INVALID_SUBJECT', 'dpv:hasDataSubject')
  if (!vocabulary.scopes.has(record.scope)) throw new CodedFailure('UNKNOWN_SCOPE', 'dpv:hasPurpose')
  if (record.at > now) throw new CodedFailure('RECEIPT_FROM_THE_FUTURE', 'dpv:isIndicatedAtTime')
  const isOverAtOnce = grants(record.status) && record.expiresAt !== null && record.expiresAt <= record.at
  if (isOverAtOnce) throw new CodedFailure('INVALID_EXPIRY', 'dpv:hasExpiryTime')
}

/** One line of readable text. */
const LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,256}$/u
const PROOF = /^[\w.~+/=-]{1,4096}$/
/** Where something holds is compared and in an index. */
const WORD = /^[\w.:/-]{1,64}$/

type Texts = readonly (readonly [place: string, form: RegExp, texts: readonly (string | null)[]])[]

/** Everything that is free text in a record. What could not be kept, compared or shown must not end the import half-way. */
function textsOf(record: RecordedReceipt): Texts {
  const { consentId, statement, predecessor, channel, region, brand, source, surface, notice } = record
  const { actor, legalBasis, controller, recipients, withdrawalMethod, proof } = record
  return [
    ['dct:identifier', LINE, [consentId]],
    ['dct:isReplacementOf', LINE, [predecessor]],
    ['assent', LINE, [statement, surface]],
    ['assent', WORD, [channel, brand]],
    ['assent', PROOF, [proof]],
    ['dpv:hasJurisdiction', WORD, [region]],
    ['dpv:hasProcess', LINE, [legalBasis, ...recipients]],
    ['dpv:hasIndicationMethod', LINE, [source]],
    ['dpv:isIndicatedBy', LINE, [actor]],
    ['dpv:hasDataController', LINE, [controller]],
    ['dpv:hasWithdrawalMethod', LINE, [withdrawalMethod]],
    ['dpv:hasNotice', LINE, [notice?.version ?? null, notice?.language ?? null]],
  ]
}

/** Each behind the last of its chain; of a record from elsewhere, that is all we know of its place. */
async function placed(
  reads: readonly Read[],
  store: ConsentStore,
  known: ReadonlyMap<string, Receipt>,
): Promise<readonly Receipt[]> {
  const subject = reads[0]?.record.subject ?? ''
  const person = (await store.records([subject])).get(subject)
  const heads = new Map(person?.latest.map((head) => [chainKey(head), head]))
  return reads.map(({ record }) => {
    const there = known.get(record.consentId)
    if (there !== undefined) return behind(record, there)
    const head = heads.get(chainKey(record))
    if (!TRANSITIONS[head?.status ?? 'nothing'].includes(record.status))
      throw new CodedFailure('STATUS_CANNOT_FOLLOW', 'dpv:hasConsentStatus')
    if (!isNo(record.status)) requireInForce(record, head, person)
    const receipt = behind(record, {
      version: (head?.version ?? 0) + 1,
      predecessor: head?.consentId ?? null,
    })
    heads.set(chainKey(record), receipt)
    return receipt
  })
}

/** A no is taken whenever it comes; what was said before it does not stand over it, and nobody who is blocked says yes. */
function requireInForce(
  { at }: RecordedReceipt,
  head: Pick<Receipt, 'at'> | undefined,
  person: Pick<SubjectRecord, 'blocked'> | undefined,
): void {
  if (person?.blocked) throw new CodedFailure('SUBJECT_BLOCKED', 'dpv:hasDataSubject')
  if (head !== undefined && at < head.at)
    throw new CodedFailure('RECEIPT_OUT_OF_ORDER', 'dpv:isIndicatedAtTime')
}

function isNo(status: Receipt['status']): boolean {
  return NO.has(status)
}

const NO: ReadonlySet<Receipt['status']> = new Set([
  'refused',
  'withdrawn',
  'revoked',
  'expired',
  'invalidated',
])

function behind(record: RecordedReceipt, place: Pick<Receipt, 'version' | 'predecessor'>): Receipt {
  return {
    ...record,
    version: record.version ?? place.version,
    predecessor: record.predecessor ?? place.predecessor,
  }
}
