import { randomUUID } from 'node:crypto'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { codedError } from '../coded-error.ts'
import { chainKey, grants, type Receipt } from './receipt.ts'
import { type ConsentStore, ReceiptConflict, type SubjectRecord } from './store.ts'

export interface ConsentInput {
  readonly pid: string
  readonly scopes: readonly string[]
  readonly channel?: string | null
  readonly region?: string | null
  readonly expiresAt?: string | null
  readonly source: string
}

interface Statement extends ConsentInput {
  readonly status: 'given' | 'refused' | 'withdrawn'
}

interface Surroundings {
  /** Only its scopes can be consented to. */
  readonly vocabulary: Vocabulary
  /** Milliseconds since the epoch. */
  readonly now: number
}

const ATTEMPTS = 5

/** Writes what a person said, one receipt a scope, each as the successor of the last in its chain. */
export async function writeReceipts(
  store: ConsentStore,
  statement: Statement,
  { vocabulary, now }: Surroundings,
): Promise<readonly Receipt[]> {
  const expiresAt = checked(statement, { vocabulary, now })
  // A no is written whatever else happens at the same moment; a yes only if nothing has: what was said in between
  // may have been a no, and a yes must not undo it unseen.
  const attempts = statement.status === 'given' ? 1 : ATTEMPTS
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const record = (await store.records([statement.pid])).get(statement.pid)
    if (statement.status === 'given' && record?.blocked) throw codedError('SUBJECT_BLOCKED', 'pid')
    const receipts = successors(statement, { record, now, expiresAt })
    if (await isAppended(store, receipts)) return receipts
  }
  throw codedError('CONSENT_CHANGED_MEANWHILE')
}

function checked(
  { scopes, source, channel, region, expiresAt }: Statement,
  { vocabulary, now }: Surroundings,
): number | null {
  if (scopes.length === 0) throw codedError('NO_SCOPE', 'scopes')
  for (const scope of scopes) if (!vocabulary.scopes.has(scope)) throw codedError('UNKNOWN_SCOPE', 'scopes')
  for (const [name, word] of Object.entries({ source, channel, region }))
    if (!/^[\w.:/-]{1,64}$/.test(word ?? 'any')) throw codedError('INVALID_CONTEXT', name)
  if (expiresAt === undefined || expiresAt === null) return null
  const end = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(expiresAt)
    ? Date.parse(expiresAt)
    : Number.NaN
  if (!(end > now)) throw codedError('INVALID_EXPIRY', 'expiresAt')
  return end
}

function successors(
  { pid, scopes, channel = null, region = null, source, status }: Statement,
  { record, now, expiresAt }: { record: SubjectRecord | undefined; now: number; expiresAt: number | null },
): readonly Receipt[] {
  const heads = new Map(record?.latest.map((receipt) => [chainKey(receipt), receipt]))
  return [...new Set(scopes)].map((scope) => {
    const next = { subject: pid, scope, channel, region, at: now, source }
    const head = heads.get(chainKey(next))
    const isRenewal = status === 'given' && head !== undefined && grants(head.status)
    return {
      ...next,
      consentId: randomUUID(),
      status: isRenewal ? 'renewed' : status,
      expiresAt: status === 'given' ? expiresAt : null,
      version: (head?.version ?? 0) + 1,
      predecessor: head?.consentId ?? null,
    }
  })
}

async function isAppended(store: ConsentStore, receipts: readonly Receipt[]): Promise<boolean> {
  try {
    await store.append(receipts)
    return true
  } catch (error) {
    if (error instanceof ReceiptConflict) return false
    throw error
  }
}
