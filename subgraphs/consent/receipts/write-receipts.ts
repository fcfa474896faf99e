import { randomUUID } from 'node:crypto'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { codedError } from '../../coded-error.ts'
import { blockOf } from '../links/block-of.ts'
import {
  type ConsentStore,
  ReceiptConflict,
  type Revision,
  SubjectErased,
  type SubjectRecord,
} from '../store.ts'
import { type ConsentInput, type ConsentWords, readConsentInput } from './consent-input.ts'
import { chainKey, grants, type Receipt, type ReceiptStatus } from './receipt.ts'
import { stateAfter } from './transitions.ts'

interface Statement extends ConsentInput {
  readonly status: ReceiptStatus
}

interface Surroundings {
  /** Only its scopes can be consented to. */
  readonly vocabulary: Vocabulary
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Who records it: a person's pid, or a client of the gateway. */
  readonly actor?: string | null
  readonly newId?: () => string
}

const ATTEMPTS = 5

/**
 * Writes what a person said, one receipt a scope, each as the successor of the last in its chain. A statement that is
 * there already is answered as it was written.
 */
export async function writeReceipts(
  store: ConsentStore,
  statement: Statement,
  surroundings: Surroundings,
): Promise<readonly Receipt[]> {
  const words = readConsentInput(statement, surroundings)
  const { pid, status } = statement
  const known = await receiptsOf(store, statement)
  if (known.length > 0) return sameAs({ words, status }, known)
  // A no is written whatever else happens at the same moment; a yes only if nothing has: what was said in between
  // may have been a no, and a yes must not undo it unseen.
  const attempts = isNo(status) ? ATTEMPTS : 1
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { revision, records } = await store.recordsAt([pid])
    const record = records.get(pid)
    if (!isNo(status) && record !== undefined && blockOf(record) !== null)
      throw codedError('SUBJECT_BLOCKED', 'pid')
    const receipts = successors(statement, words, { record, ...surroundings })
    const written = await appended(store, receipts, isNo(status) ? undefined : revision)
    if (written !== null) return sameAs({ words, status }, written)
  }
  throw codedError('CONSENT_CHANGED_MEANWHILE')
}

async function receiptsOf(
  store: ConsentStore,
  { pid, statement }: ConsentInput,
): Promise<readonly Receipt[]> {
  if (statement === undefined || statement === null) return []
  return (await store.history(pid)).filter((receipt) => receipt.statement === statement)
}

/** An id that comes back with other words is a mistake or a forgery; either way nothing is written. */
function sameAs(
  { words, status }: { readonly words: ConsentWords; readonly status: ReceiptStatus },
  written: readonly Receipt[],
): readonly Receipt[] {
  const isSame = (receipt: Receipt): boolean =>
    words.scopes.includes(receipt.scope) &&
    receipt.channel === words.where.channel &&
    receipt.region === words.where.region &&
    receipt.brand === words.where.brand &&
    receipt.expiresAt === (grants(status) ? words.expiresAt : null) &&
    (receipt.status === status || receipt.status === stateAfter('given', status))
  if (written.length !== words.scopes.length || !written.every(isSame))
    throw codedError('STATEMENT_ID_REUSED', 'statement')
  return written
}

function isNo(status: ReceiptStatus): boolean {
  return status === 'refused' || status === 'withdrawn' || status === 'revoked' || status === 'invalidated'
}

function successors(
  { pid, statement, status }: Statement,
  { scopes, where, ...words }: ConsentWords,
  { record, actor = null, newId = randomUUID }: Surroundings & { readonly record: SubjectRecord | undefined },
): readonly Receipt[] {
  const heads = new Map(record?.latest.map((head) => [chainKey(head), head]))
  const said = { ...words, actor, statement: statement ?? newId() }
  return scopes.map((scope) => {
    const chain = { subject: pid, scope, ...where }
    const head = heads.get(chainKey(chain))
    const next = stateAfter(head?.status, status)
    if (next === null) throw codedError('STATUS_CANNOT_FOLLOW', 'scopes')
    // A yes that comes late, of a device that was offline, does not outlive what was said after it.
    if (!isNo(status) && head !== undefined && head.at > words.at)
      throw codedError('CONSENT_CHANGED_MEANWHILE', 'at')
    return {
      ...chain,
      ...said,
      consentId: newId(),
      status: next,
      expiresAt: grants(next) ? words.expiresAt : null,
      version: (head?.version ?? 0) + 1,
      predecessor: head?.consentId ?? null,
    }
  })
}

/** Null when somebody else has written since the chains were read. */
async function appended(
  store: ConsentStore,
  receipts: readonly Receipt[],
  asOf: Revision | undefined,
): Promise<readonly Receipt[] | null> {
  try {
    return (await store.append(receipts, asOf)).receipts
  } catch (error) {
    if (error instanceof ReceiptConflict) return null
    throw error instanceof SubjectErased ? codedError('SUBJECT_BLOCKED', 'pid') : error
  }
}
