import { type Kysely, type RawBuilder, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import type { LinkKind } from './links/link.ts'
import { COMPONENTS_OF } from './links/sql-link-reads.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Receipt, ReceiptStatus } from './receipts/receipt.ts'
import { unsealed } from './receipts/sealed-chain.ts'
import type {
  Change,
  Head,
  LinkedGroup,
  LinkedRecord,
  RecordsAt,
  Said,
  StatementOf,
  SubjectRecord,
} from './store.ts'

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
  revision: string,
]

type GroupTuple = readonly [
  links: readonly (readonly [pids: readonly string[], kind: LinkKind, takenAt: number, revision: string])[],
  members: readonly RecordTuple[],
]

/**
 * By primary keys alone: what a decision costs does not grow with how many people there are. One statement sees one
 * moment of the store, so the revision is neither newer nor older than what is read with it.
 */
export async function readRecords(db: Kysely<unknown>, subjects: readonly string[]): Promise<RecordsAt> {
  const { rows } = await sql<{
    readonly revision: string
    readonly people: string
    readonly groups: string | null
  }>`
    select (select coalesce(max(revision), 0) from change)::text as revision,
      (select coalesce(json_agg(${RECORD}), '[]')::text from person where pid = any(${subjects}::text[])) as people,
      (select json_agg(json_build_array(
        (select json_agg(json_build_array(pids, kind, ${millis('taken_at')}, revision::text))
          from link where link.component = met.component),
        (select json_agg(${RECORD}) from linked join person using (pid) where linked.component = met.component)
      ))::text from (${COMPONENTS_OF(subjects)}) met) as groups`.execute(db)
  const people = JSON.parse(rows[0]?.people ?? '[]') as readonly RecordTuple[]
  const known = new Map(people.map((tuple) => [tuple[0], toRecord(tuple)]))
  const nothing: SubjectRecord = { revision: '0', blocked: null, latest: [] }
  const records = new Map(subjects.map((subject) => [subject, known.get(subject) ?? nothing]))
  for (const group of (JSON.parse(rows[0]?.groups ?? '[]') as readonly GroupTuple[]).map(toGroup))
    for (const subject of group.members.keys()) {
      const record = records.get(subject)
      if (record !== undefined) records.set(subject, { ...record, group: { ...group, subject } })
    }
  return { revision: rows[0]?.revision ?? '0', records }
}

/** Of a row of `person`. */
const RECORD = sql`json_build_array(pid, person.revision::text, suppressed, destroyed_at is not null, (
  select json_agg(json_build_array(scope, channel, region, brand, consent_id, status, ${millis('at')},
    ${millis('expires_at')}, version, head.revision::text) order by head.revision)
  from head where head.subject = person.pid))`

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

function toGroup([links, members]: GroupTuple): Omit<LinkedGroup, 'subject'> {
  return {
    links: links.map(([pids, kind, takenAt, revision]) => ({ pids, kind, takenAt, revision })),
    members: new Map(members.map((tuple) => [tuple[0], toLinkedRecord(tuple)])),
  }
}

function toLinkedRecord(tuple: RecordTuple): LinkedRecord {
  const heads = tuple[4] ?? []
  const { latest, ...record } = toRecord(tuple)
  return { ...record, latest: latest.map((head, index) => ({ ...head, revision: heads[index]?.[9] ?? '0' })) }
}

interface ChangeRow extends Omit<Change, 'at' | 'recordedAt' | 'link'> {
  readonly at: Date
  readonly recorded_at: Date
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
    select change.revision, subject, scope, channel, region, brand, status, change.at, recorded_at, initiator,
      surface, change.decision, kind, pids
    from change left join link using (decision)
    where change.revision > ${revision}::bigint and subject is not null
    order by change.revision limit ${limit}`.execute(db)
  return rows.map(({ recorded_at: recordedAt, at, decision, kind, pids, ...row }) => ({
    ...row,
    at: at.getTime(),
    recordedAt: recordedAt.getTime(),
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
