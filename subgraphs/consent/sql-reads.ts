import { type Kysely, type RawBuilder, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Receipt, ReceiptStatus } from './receipts/receipt.ts'
import { unsealed } from './receipts/sealed-chain.ts'
import type { Change, Head, RecordsAt, Said, StatementOf, SubjectRecord } from './store.ts'

/** As it comes in one text: a value of its own for each column of each row costs more than all the rest. */
type RecordTuple = readonly [
  subject: string,
  revision: string,
  suppressed: boolean,
  erased: boolean,
  heads: readonly HeadTuple[] | null,
]

type HeadTuple = readonly [
  scope: string,
  channel: string,
  region: string,
  brand: string,
  consentId: string,
  status: ReceiptStatus,
  at: number,
  expiresAt: number | null,
  version: number,
]

/**
 * By primary keys alone: what a decision costs does not grow with how many people there are. One statement sees one
 * moment of the store, so the revision is neither newer nor older than what is read with it.
 */
export async function readRecords(db: Kysely<unknown>, subjects: readonly string[]): Promise<RecordsAt> {
  const { rows } = await sql<{ readonly revision: string; readonly people: string }>`
    select (select coalesce(max(revision), 0) from change)::text as revision, coalesce(json_agg(json_build_array(
      pid, revision::text, suppressed, destroyed_at is not null, (
        select json_agg(json_build_array(scope, channel, region, brand, consent_id, status, ${millis('at')},
          ${millis('expires_at')}, version) order by head.revision)
        from head where head.subject = person.pid))), '[]')::text as people
    from person where pid = any(${subjects}::text[])`.execute(db)
  const people = JSON.parse(rows[0]?.people ?? '[]') as readonly RecordTuple[]
  const known = new Map(people.map((tuple) => [tuple[0], toRecord(tuple)]))
  const nothing: SubjectRecord = { revision: '0', blocked: null, latest: [] }
  return {
    revision: rows[0]?.revision ?? '0',
    records: new Map(subjects.map((subject) => [subject, known.get(subject) ?? nothing])),
  }
}

function millis(column: string): RawBuilder<unknown> {
  // Not `extract`, whose numeric arithmetic is slow: a double is exact to the microsecond until the year 2255.
  return sql`(date_part('epoch', ${sql.ref(column)}) * 1000)::bigint`
}

function toRecord([subject, revision, isSuppressed, isErased, heads]: RecordTuple): SubjectRecord {
  const blocked = isSuppressed ? 'suppressed' : null
  const latest = heads?.map((head) => toHead(subject, head)) ?? []
  return { revision, blocked: isErased ? 'erased' : blocked, latest }
}

function toHead(subject: string, tuple: HeadTuple): Head {
  const [scope, channel, region, brand, consentId, status, at, expiresAt, version] = tuple
  const where = { channel: channel || null, region: region || null, brand: brand || null }
  return { subject, scope, ...where, consentId, status, at, expiresAt, version }
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
    where is_receipt and ${condition(which)} order by receipt.revision`.execute(db)
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
