import { type Kysely, type RawBuilder, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import type { LinkKind } from './links/link.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Receipt } from './receipts/receipt.ts'
import { unsealed } from './receipts/sealed-chain.ts'
import {
  basisOf,
  type Change,
  type ReceiptBasis,
  type Revision,
  type Said,
  type StatementOf,
} from './store.ts'

interface ChangeRow extends Omit<Change, 'at' | 'recordedAt' | 'expiresAt' | 'link'> {
  readonly at: Date
  readonly recorded_at: Date
  readonly expires_at: Date | null
  readonly decision: string | null
  readonly kind: LinkKind
  readonly pids: readonly string[]
}

export async function readChanges(
  db: Kysely<unknown>,
  revision: string,
  limit: number,
): Promise<readonly Change[]> {
  const { rows } = await sql<ChangeRow>`
    select change.revision, subject, scope, channel, region, brand, status, change.at, recorded_at,
      expires_at, initiator, surface, change.decision, kind, pids
    from change left join link using (decision)
    where change.revision > ${revision}::bigint and subject is not null
    order by change.revision limit ${limit}`.execute(db)
  return rows.map(({ recorded_at: recordedAt, expires_at: expiresAt, at, decision, kind, pids, ...row }) => ({
    ...row,
    at: at.getTime(),
    recordedAt: recordedAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    ...(decision !== null && { link: { decisionId: decision, pids, kind } }),
  }))
}

export async function revisionOf(db: Kysely<unknown>, consentId: string): Promise<string | undefined> {
  const { rows } = await sql<{ revision: string }>`
    select revision from change where consent_id = ${consentId}`.execute(db)
  return rows[0]?.revision
}

export async function newestRevision(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ newest: string }>`
    select coalesce(max(revision), 0) as newest from change`.execute(db)
  return Number(rows[0]?.newest ?? 0)
}

/** Which receipts: of one person, with one id, or of statements. */
export type Which =
  | { readonly subject: string }
  | { readonly consentId: string }
  | { readonly consentIds: readonly string[] }
  | { readonly statements: readonly StatementOf[] }

interface SealedRow {
  readonly pid: string
  readonly key: Buffer
  readonly master_id: string
  readonly chain: string
  readonly position: number
  readonly revision: string
  readonly sealed: Buffer
}

/** Oldest first. Throws `RECEIPT_UNREADABLE`: an answer without one of them would pass for the whole. */
export async function readReceipts(
  db: Kysely<unknown>,
  which: Which,
  keys: ReceiptKeys,
): Promise<readonly Receipt[]> {
  return (await readRevised(db, which, keys)).map(({ receipt }) => receipt)
}

/** Of each of these receipts what rests on it has to know. */
export async function readBases(
  db: Kysely<unknown>,
  consentIds: readonly string[],
  keys: ReceiptKeys,
): Promise<ReadonlyMap<string, ReceiptBasis>> {
  const revised = await readRevised(db, { consentIds }, keys)
  return new Map(revised.map(({ receipt, revision }) => [receipt.consentId, basisOf(receipt, revision)]))
}

interface Revised {
  readonly receipt: Receipt
  readonly revision: Revision
}

async function readRevised(
  db: Kysely<unknown>,
  which: Which,
  keys: ReceiptKeys,
): Promise<readonly Revised[]> {
  const { rows } = await sql<SealedRow>`
    select pid, key, master_id, receipt.chain, position, receipt.revision, sealed
    from change join receipt using (revision) join person using (chain)
    where is_receipt and ${condition(which)} order by receipt.revision`.execute(db)
  return rows.map(({ pid, key, master_id: masterId, ...row }) => {
    const link = { ...row, revision: Number(row.revision) }
    const personKey = keys.unwrap({ bytes: key, masterId }, pid)
    const receipt = personKey && unsealed(link, personKey)
    if (receipt === null) throw new CodedFailure('RECEIPT_UNREADABLE', `revision ${link.revision}`)
    return { receipt, revision: row.revision }
  })
}

export async function readSaid(
  db: Kysely<unknown>,
  statements: readonly StatementOf[],
): Promise<readonly Said[]> {
  const { rows } = await sql<Omit<Said, 'at'> & { readonly at: Date }>`
    select subject, statement, consent_id as "consentId", scope, channel, region, brand, status, at
    from change where ${condition({ statements })} order by revision`.execute(db)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}

function condition(which: Which): RawBuilder<unknown> {
  if ('subject' in which) return sql`change.subject = ${which.subject}`
  if ('consentIds' in which) return sql`change.consent_id = any(${which.consentIds}::text[])`
  if ('consentId' in which) return sql`change.consent_id = ${which.consentId}`
  const subjects = which.statements.map(({ subject }) => subject)
  const statements = which.statements.map(({ statement }) => statement)
  return sql`(change.subject, change.statement) in
    (select * from unnest(${subjects}::text[], ${statements}::text[]))`
}
