import { type Kysely, type RawBuilder, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import { prepared } from '../database.ts'
import type { LinkKind } from './links/link.ts'
import { COMPONENTS_OF } from './links/sql-link-reads.ts'
import type { ReceiptStatus } from './receipts/receipt.ts'
import type { Head, LinkedGroup, LinkedRecord, RecordsAt, SubjectRecord } from './store.ts'

/**
 * Reads what decisions are made by. By primary keys alone: what a decision costs does not grow with how many people there
 * are. One statement sees one moment of the store, so the revision is neither newer nor older than what is read with it.
 *
 * The statement is parsed and planned once a connection, and anew each time the store has doubled: a plan for tables that were
 * still small would read them from end to end.
 */
export function recordReader(db: Kysely<unknown>): (subjects: readonly string[]) => Promise<RecordsAt> {
  let doublings = 0
  return async (subjects) => {
    const read = await readRecords(db, subjects, `records-${doublings}`)
    doublings = Math.max(doublings, BigInt(read.revision).toString(2).length)
    return read
  }
}

interface Row {
  readonly revision: string
  readonly people: string | null
  readonly groups: string | null
}

async function readRecords(
  db: Kysely<unknown>,
  subjects: readonly string[],
  name: string,
): Promise<RecordsAt> {
  const { rows } = await sql<Row>`${prepared(name)}
    select (select coalesce(max(revision), 0) from change)::text as revision,
      (select ${PEOPLE} from person where pid = any(${subjects}::text[])) as people,
      (select json_agg(json_build_array(
        (select json_agg(json_build_array(pids, kind, (date_part('epoch', taken_at) * 1000)::bigint, revision::text))
          from link where link.component = met.component),
        (select ${PEOPLE} from linked join person using (pid) where linked.component = met.component)
      ))::text from (${COMPONENTS_OF(subjects)}) met) as groups`.execute(db)
  const { revision = '0', people = null, groups = null } = rows[0] ?? {}
  const known = new Map(peopleIn(people).map((person) => [person.subject, toRecord(person)]))
  const nothing: SubjectRecord = { revision: '0', blocked: null, latest: [] }
  const records = new Map(subjects.map((subject) => [subject, known.get(subject) ?? nothing]))
  for (const group of (JSON.parse(groups ?? '[]') as readonly GroupTuple[]).map(toGroup))
    for (const subject of group.members.keys()) {
      const record = records.get(subject)
      if (record !== undefined) records.set(subject, { ...record, group: { ...group, subject } })
    }
  return { revision, records }
}

/*
 * People come as one text: a value of its own for each column of each row costs more than all the rest, and JSON of each of them
 * more than joining them. The separators are of the ASCII characters for it, which are in nothing that is kept here; what
 * stands in the column `heads` is said where it is made (`sql-heads-of-people.ts`).
 */
const PERSON = '\x1c'
const PART = '\x1d'
const HEAD = '\x1e'
const FIELD = '\x1f'

function joined(separator: string, ...columns: readonly string[]): string {
  return `concat_ws(${literal(separator)}, ${columns.join(', ')})`
}

/** As an escape: a statement has no control characters. */
function literal(separator: string): string {
  return `E'\\x${separator.charCodeAt(0).toString(16)}'`
}

const ABOUT = joined(FIELD, 'pid', 'person.revision', 'suppressed', 'destroyed_at is not null')

/** Of rows of `person`. */
const PEOPLE: RawBuilder<unknown> = sql.raw(`string_agg(${joined(PART, ABOUT, 'heads')}, ${literal(PERSON)})`)

interface ReadPerson extends Pick<SubjectRecord, 'revision' | 'blocked'> {
  readonly subject: string
  /** In the order in which it was said. */
  readonly latest: readonly Head[]
  /** Of each of them. */
  readonly revisions: readonly string[]
}

function peopleIn(text: string | null): readonly ReadPerson[] {
  return text === null ? [] : text.split(PERSON).map(personIn)
}

function personIn(text: string): ReadPerson {
  const [about = '', heads, ...more] = text.split(PART)
  const [subject = '', revision, isSuppressed, isErased, ...rest] = about.split(FIELD)
  if (revision === undefined || isErased === undefined || more.length + rest.length > 0) throw unreadable()
  const said = heads?.split(HEAD).map((head) => head.split(FIELD)) ?? []
  const blocked = isSuppressed === 't' ? 'suppressed' : null
  return {
    subject,
    revision,
    blocked: isErased === 't' ? 'erased' : blocked,
    latest: said.map((fields) => headIn(subject, fields)),
    revisions: said.map((fields) => fields[FIELDS - 1] ?? '0'),
  }
}

const FIELDS = 10

/** One object, made at once: there are hundreds of them in every decision. */
function headIn(subject: string, fields: readonly string[]): Head {
  const [scope, channel, region, brand, consentId, status, at, expiresAt, version] = fields
  if (fields.length !== FIELDS || scope === undefined || consentId === undefined) throw unreadable()
  return {
    subject,
    scope,
    channel: channel || null,
    region: region || null,
    brand: brand || null,
    consentId,
    status: status as ReceiptStatus,
    at: millis(at),
    expiresAt: expiresAt === '' ? null : millis(expiresAt),
    version: Number(version),
  }
}

/** `NaN` would be neither before nor after anything. */
function millis(text: string | undefined): number {
  const ms = Number(text)
  if (Number.isNaN(ms)) throw unreadable()
  return ms
}

/** Nothing is decided by what is not understood to the letter. */
function unreadable(): CodedFailure {
  return new CodedFailure('RECEIPT_UNREADABLE', 'what was said last')
}

function toRecord({ revision, blocked, latest }: ReadPerson): SubjectRecord {
  return { revision, blocked, latest }
}

function toLinkedRecord({ revision, blocked, latest, revisions }: ReadPerson): LinkedRecord {
  return {
    revision,
    blocked,
    latest: latest.map((head, n) => ({ ...head, revision: revisions[n] ?? '0' })),
  }
}

type GroupTuple = readonly [
  links: readonly (readonly [pids: readonly string[], kind: LinkKind, takenAt: number, revision: string])[],
  members: string | null,
]

function toGroup([links, members]: GroupTuple): Omit<LinkedGroup, 'subject'> {
  return {
    links: links.map(([pids, kind, takenAt, revision]) => ({ pids, kind, takenAt, revision })),
    members: new Map(peopleIn(members).map((person) => [person.subject, toLinkedRecord(person)])),
  }
}
