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
  readonly people: string
  readonly groups: string | null
}

async function readRecords(
  db: Kysely<unknown>,
  subjects: readonly string[],
  name: string,
): Promise<RecordsAt> {
  const asked = sql`string_to_array(${subjects.join(FIELD)}::text, ${literal(FIELD)})`
  const { rows } = await sql<Row>`${prepared(name)}
    select (select coalesce(max(revision), 0) from change)::text as revision,
      (select ${PEOPLE} from person where pid = any(${asked})) as people,
      (select json_agg(json_build_array(
        (select json_agg(json_build_array(pids, kind, (date_part('epoch', taken_at) * 1000)::bigint, revision::text))
          from link where link.component = met.component),
        (select ${PEOPLE} from linked join person using (pid) where linked.component = met.component)
      ))::text from (${COMPONENTS_OF(asked)}) met) as groups`.execute(db)
  const { revision = '0', people = '', groups = null } = rows[0] ?? {}
  const records = new Map<string, SubjectRecord>()
  for (const subject of subjects) records.set(subject, NOTHING)
  for (const person of peopleIn(people))
    if (records.has(person.subject)) records.set(person.subject, toRecord(person))
  for (const group of (JSON.parse(groups ?? '[]') as readonly GroupTuple[]).map(toGroup))
    for (const subject of group.members.keys()) {
      const record = records.get(subject)
      if (record !== undefined) records.set(subject, { ...record, group: { ...group, subject } })
    }
  return { revision, records }
}

const NOTHING: SubjectRecord = { revision: '0', blocked: null, latest: [] }

/*
 * People come as one text, column by column: a value of its own for each column of each row costs more than all the rest, in the
 * database and here. The separators are of the ASCII characters for it, which are in nothing that is kept here; what stands in
 * the column `heads` is said where it is made (`sql-heads-of-people.ts`).
 */
const COLUMN = '\x1c'
const PERSON = '\x1d'
const HEAD = '\x1e'
const FIELD = '\x1f'

/** As an escape: a statement has no control characters. */
function literal(separator: string): RawBuilder<unknown> {
  return sql.raw(`E'\\x${separator.charCodeAt(0).toString(16)}'`)
}

/** Of rows of `person`; the empty text where there is none. */
const PEOPLE: RawBuilder<unknown> = sql`concat_ws(${literal(COLUMN)},
  string_agg(pid, ${literal(PERSON)}), string_agg(person.revision::text, ${literal(PERSON)}),
  string_agg(case when destroyed_at is not null then 'erased' when suppressed then 'suppressed' else '' end,
    ${literal(PERSON)}),
  string_agg(coalesce(heads, ''), ${literal(PERSON)}))`

interface ReadPerson extends Pick<SubjectRecord, 'revision' | 'blocked'>, ReadHeads {
  readonly subject: string
}

interface ReadHeads {
  /** In the order in which it was said. */
  readonly latest: readonly Head[]
  /** Of each of them. */
  readonly revisions: readonly string[]
}

function peopleIn(text: string): readonly ReadPerson[] {
  if (text === '') return []
  const columns = text.split(COLUMN).map((column) => column.split(PERSON))
  const [pids = [], revisions = [], blocks = [], heads = []] = columns
  if (columns.length !== 4 || columns.some(({ length }) => length !== pids.length)) throw unreadable()
  return pids.map((subject, n) => {
    const { latest, revisions: each } = headsIn(subject, heads[n] ?? '')
    return { subject, revision: revisions[n] ?? '0', blocked: blockIn(blocks[n]), latest, revisions: each }
  })
}

function blockIn(text: string | undefined): SubjectRecord['blocked'] {
  if (text === '') return null
  if (text === 'suppressed' || text === 'erased') return text
  throw unreadable()
}

function headsIn(subject: string, text: string): ReadHeads {
  const latest: Head[] = []
  const revisions: string[] = []
  if (text === '') return { latest, revisions }
  const walk = { text, at: 0, end: 0 }
  do {
    const end = text.indexOf(HEAD, walk.at)
    walk.end = end < 0 ? text.length : end
    latest.push(headIn(subject, walk))
    revisions.push(lastIn(walk))
    walk.at = walk.end + 1
  } while (walk.at <= text.length)
  return { latest, revisions }
}

/** Over the fields of one head: there are hundreds of heads in every decision, so no lists of fields are made. */
interface Walk {
  readonly text: string
  /** Where the next field begins. */
  at: number
  /** Where the head ends. */
  end: number
}

function headIn(subject: string, walk: Walk): Head {
  const scope = nextIn(walk)
  const channel = nextIn(walk)
  const region = nextIn(walk)
  const brand = nextIn(walk)
  const consentId = nextIn(walk)
  const status = nextIn(walk) as ReceiptStatus
  const at = wholeNumber(nextIn(walk))
  const expiry = nextIn(walk)
  return {
    subject,
    scope,
    channel: channel || null,
    region: region || null,
    brand: brand || null,
    consentId,
    status,
    at,
    expiresAt: expiry === '' ? null : wholeNumber(expiry),
    version: wholeNumber(nextIn(walk)),
  }
}

function nextIn(walk: Walk): string {
  const { text, at } = walk
  const end = text.indexOf(FIELD, at)
  if (end < 0 || end >= walk.end) throw unreadable()
  walk.at = end + 1
  return text.slice(at, end)
}

/** A revision, and nothing behind it. */
function lastIn({ text, at, end }: Walk): string {
  const revision = text.slice(at, end)
  wholeNumber(revision)
  return revision
}

/** `NaN` would be neither before nor after anything. */
function wholeNumber(text: string): number {
  const number = Number(text)
  if (text === '' || !Number.isInteger(number)) throw unreadable()
  return number
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
  members: string,
]

function toGroup([links, members]: GroupTuple): Omit<LinkedGroup, 'subject'> {
  return {
    links: links.map(([pids, kind, takenAt, revision]) => ({ pids, kind, takenAt, revision })),
    members: new Map(peopleIn(members).map((person) => [person.subject, toLinkedRecord(person)])),
  }
}
