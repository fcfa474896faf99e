import { type Kysely, type RawBuilder, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Receipt, ReceiptStatus } from './receipts/receipt.ts'
import { unsealed } from './receipts/sealed-chain.ts'
import type { Change, Head, Said, StatementOf, SubjectRecord } from './store.ts'

interface RecordRow {
  readonly subject: string
  readonly revision: string
  readonly suppressed: boolean
  readonly erased: boolean
  readonly latest: readonly HeadRow[]
}

interface HeadRow extends Omit<Head, 'subject' | 'consentId' | 'expiresAt'> {
  readonly consent_id: string
  readonly status: ReceiptStatus
  readonly expires_at: number | null
}

/** By primary keys alone: what a decision costs does not grow with how many people there are. */
export async function readRecords(
  db: Kysely<unknown>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, SubjectRecord>> {
  const { rows } = await sql<RecordRow>`
    select pid as subject, revision, suppressed, destroyed_at is not null as erased, coalesce((
      select json_agg(json_build_object(
        'scope', scope, 'channel', nullif(channel, ''), 'region', nullif(region, ''), 'brand', nullif(brand, ''),
        'consent_id', consent_id, 'status', status, 'at', ${millis('at')}, 'expires_at', ${millis('expires_at')},
        'version', version) order by head.revision)
      from head where head.subject = person.pid), '[]'::json) as latest
    from person where pid = any(${subjects}::text[])`.execute(db)
  const known = new Map(rows.map((row) => [row.subject, toRecord(row)]))
  const nothing: SubjectRecord = { revision: '0', blocked: null, latest: [] }
  return new Map(subjects.map((subject) => [subject, known.get(subject) ?? nothing]))
}

function millis(column: string): RawBuilder<unknown> {
  return sql`(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`
}

function toRecord({ subject, revision, suppressed, erased, latest }: RecordRow): SubjectRecord {
  const blocked = suppressed ? 'suppressed' : null
  return {
    revision,
    blocked: erased ? 'erased' : blocked,
    latest: latest.map(({ consent_id: consentId, expires_at: expiresAt, ...head }) => ({
      ...head,
      subject,
      consentId,
      expiresAt,
    })),
  }
}

interface ChangeRow extends Omit<Change, 'at' | 'recordedAt'> {
  readonly at: Date
  readonly recorded_at: Date
}

export async function readChanges(
  db: Kysely<unknown>,
  revision: string,
  limit: number,
): Promise<readonly Change[]> {
  const { rows } = await sql<ChangeRow>`
    select revision, subject, scope, channel, region, brand, status, at, recorded_at, initiator, surface
    from change
    where revision > ${revision}::bigint and subject is not null order by revision limit ${limit}`.execute(db)
  return rows.map(({ recorded_at: recordedAt, at, ...row }) => ({
    ...row,
    at: at.getTime(),
    recordedAt: recordedAt.getTime(),
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
  const { rows } = await sql<SealedRow>`
    select pid, key, master_id, receipt.chain, position, receipt.revision, sealed
    from change join receipt using (revision) join person using (chain)
    where ${condition(which)} order by receipt.revision`.execute(db)
  return rows.map(({ pid, key, master_id: masterId, ...row }) => {
    const link = { ...row, revision: Number(row.revision) }
    const personKey = keys.unwrap({ bytes: key, masterId }, pid)
    const receipt = personKey && unsealed(link, personKey)
    if (receipt === null) throw new CodedFailure('RECEIPT_UNREADABLE', `revision ${link.revision}`)
    return receipt
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
  if ('consentId' in which) return sql`change.consent_id = ${which.consentId}`
  const subjects = which.statements.map(({ subject }) => subject)
  const statements = which.statements.map(({ statement }) => statement)
  return sql`(change.subject, change.statement) in
    (select * from unnest(${subjects}::text[], ${statements}::text[]))`
}
