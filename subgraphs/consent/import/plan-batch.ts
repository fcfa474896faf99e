import { createHash } from 'node:crypto'
import { chainKey, grants, type Receipt } from '../receipts/receipt.ts'
import { stateAfter } from '../receipts/transitions.ts'
import type { Head, Said, StatementOf, SubjectRecord } from '../store.ts'
import type { Fault } from './file-records.ts'
import type { ImportRow } from './import-row.ts'

/** What becomes of a row, as the outcome file tells it. */
export interface Outcome {
  readonly row: number
  readonly line: number
  /** `already`: by an earlier row, or an earlier import. */
  readonly outcome: 'written' | 'already' | 'refused'
  readonly code?: Fault['code']
  readonly place?: string
}

export interface Known {
  readonly records: ReadonlyMap<string, SubjectRecord>
  readonly said: readonly Said[]
}

export interface Plan {
  readonly outcomes: readonly Outcome[]
  /** Each is behind its predecessor. */
  readonly receipts: readonly Receipt[]
}

/**
 * Judges rows in the order of the file, each behind those before it. A chain only grows forward: what was said before the
 * last word in it is refused, yes or no, so that an old yes never stands over a newer no; of a yes and a no of the same
 * instant the no counts. `run` makes the receipts' ids, so that a run that was broken off knows its own.
 */
export function planBatch(rows: readonly ImportRow[], known: Known, run: string): Plan {
  const said = new Map<string, StatedRow>(known.said.map((one) => [statementKey(one), one]))
  const heads = new Map<string, Head>()
  for (const { latest } of known.records.values()) for (const head of latest) heads.set(chainKey(head), head)
  const receipts: Receipt[] = []
  const outcomes = rows.map((row): Outcome => {
    const before = said.get(statementKey(row))
    if (before) return outcomeOfKnown(row, before, run)
    const head = heads.get(chainKey(chainOf(row)))
    const verdict = judge(row, head, known.records.get(row.subject))
    if (verdict !== 'written') return outcomeOf(row, verdict)
    const receipt = successor(row, head, run)
    receipts.push(receipt)
    heads.set(chainKey(receipt), receipt)
    said.set(statementKey(row), { ...receipt, consentId: null })
    return outcomeOf(row, 'written')
  })
  return { outcomes, receipts }
}

type StatedRow = Omit<Said, 'consentId'> & { readonly consentId: string | null }

function statementKey({ subject, statement }: StatementOf): string {
  return JSON.stringify([subject, statement])
}

function outcomeOfKnown(row: ImportRow, before: StatedRow, run: string): Outcome {
  if (before.consentId === idOf(row, run)) return outcomeOf(row, 'written')
  const isSame =
    chainKey(before) === chainKey(chainOf(row)) &&
    before.at === row.words.at &&
    grants(before.status) === grants(row.status)
  return outcomeOf(row, isSame ? 'already' : refusal('STATEMENT_ID_REUSED', row, 'key'))
}

type Verdict = 'written' | 'already' | Fault

function judge(row: ImportRow, head: Head | undefined, record: SubjectRecord | undefined): Verdict {
  const isYes = grants(row.status)
  if (record?.blocked === 'erased' || (isYes && record?.blocked))
    return refusal('SUBJECT_BLOCKED', row, 'subject')
  if (head !== undefined && row.words.at <= head.at) return judgeLate(row, head)
  return stateAfter(head?.status, row.status) === null
    ? refusal('STATUS_CANNOT_FOLLOW', row, 'status')
    : 'written'
}

/** Not said after the last word of its chain. */
function judgeLate(row: ImportRow, head: Head): Verdict {
  if (row.words.at < head.at) return refusal('RECEIPT_OUT_OF_ORDER', row, 'at')
  const isYes = grants(row.status)
  if (!isYes) return grants(head.status) ? 'written' : 'already'
  const isSame = grants(head.status) && row.words.expiresAt === head.expiresAt
  return isSame ? 'already' : refusal('RECEIPT_OUT_OF_ORDER', row, 'at')
}

function refusal(code: Fault['code'], { line }: ImportRow, field: string): Fault {
  return { code, place: `line ${line}, ${field}` }
}

export function outcomeOf({ row, line }: Pick<ImportRow, 'row' | 'line'>, verdict: Verdict): Outcome {
  return typeof verdict === 'string'
    ? { row, line, outcome: verdict }
    : { row, line, outcome: 'refused', ...verdict }
}

function successor(row: ImportRow, head: Head | undefined, run: string): Receipt {
  const { scopes: _scopes, where: _where, expiresAt, ...words } = row.words
  const status = stateAfter(head?.status, row.status) ?? row.status
  return {
    ...chainOf(row),
    ...words,
    consentId: idOf(row, run),
    statement: row.statement,
    actor: row.actor,
    status,
    expiresAt: grants(status) ? expiresAt : null,
    version: (head?.version ?? 0) + 1,
    predecessor: head?.consentId ?? null,
  }
}

function chainOf({ subject, words }: ImportRow) {
  return { subject, scope: words.scopes[0] ?? '', ...words.where }
}

/** A UUID (version 8, RFC 9562) that the same row of the same run always has. */
function idOf({ row }: ImportRow, run: string): string {
  const hex = createHash('sha256').update(`${run}:${row}`).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) % 4) + 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
