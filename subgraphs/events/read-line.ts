import { isUtf8 } from 'node:buffer'
import { type Arrival, type Envelope, type Identifier, IDENTIFIER_KINDS, type Person } from './envelope.ts'
import { looksLikeAPerson } from './contracts/raw-identifier.ts'
import { fault, passed, type Step } from './fault.ts'
import { repeatsAName } from './repeats-a-name.ts'

/** One line of a batch, one webhook, one message: the first stage, and the last to see bytes. */
export function readLine({ line, eventId, ...arrival }: ArrivedLine, mostBytes: number): Step<Envelope> {
  if (line.length > mostBytes) return fault('EVENT_TOO_LARGE', 'read')
  if (!isUtf8(line)) return fault('EVENT_NOT_UTF8', 'read')
  const text = line.toString('utf8')
  const said = parsed(text)
  if (said === null) return fault('EVENT_UNREADABLE', 'read')
  // Of two members of one name each reader believes another one: whoever was asked about the first is not the second.
  if (repeatsAName(text)) return fault('EVENT_INVALID', 'read', 'a name that stands twice')
  return readEnvelope(eventId === undefined ? said : { eventId, ...said }, arrival)
}

/** What an event is called, as far as its line can be read and says so. */
export function eventIdIn(line: Buffer): string | null {
  const { eventId } = (isUtf8(line) && parsed(line.toString('utf8'))) || {}
  return isWord(eventId) ? eventId : null
}

export interface ArrivedLine extends Arrival {
  readonly line: Buffer
  /** What it is called when it does not say so itself. */
  readonly eventId?: string
}

/** The same of what was parsed already. */
function readEnvelope(said: Readonly<Record<string, unknown>>, arrival: Arrival): Step<Envelope> {
  const { eventId, type, consentId = null, data = {} } = said
  const [version, occurredAt, person] = [
    versionOf(said['version']),
    instantOf(said['occurredAt']),
    personOf(said),
  ]
  const place = unfit(said, { version, occurredAt, person }) ?? unkeepable(data, 'data', 0)
  if (place !== null) return fault('EVENT_INVALID', 'read', place)
  return passed({ ...arrival, eventId, type, version, occurredAt, person, consentId, data } as Envelope)
}

/** The first member that cannot be meant. */
function unfit(
  said: Readonly<Record<string, unknown>>,
  { version, occurredAt, person }: Parsed,
): string | null {
  const { eventId, type, consentId = null, data = {} } = said
  if (!Object.keys(said).every((name) => MEMBERS.has(name))) return 'a member that events do not have'
  if (!isWord(eventId)) return 'eventId'
  if (!isWord(type)) return 'type'
  if (version === undefined) return 'version'
  if (occurredAt === null) return 'occurredAt'
  if (consentId !== null && !isName(consentId)) return 'consentId'
  if (person === null) return 'pid, or person'
  return isObject(data) ? null : 'data'
}

interface Parsed {
  /** Undefined where it is none. */
  readonly version: number | null | undefined
  readonly occurredAt: number | null
  readonly person: Person | null
}

const MEMBERS: ReadonlySet<string> = new Set([
  'eventId',
  'type',
  'version',
  'occurredAt',
  'pid',
  'person',
  'consentId',
  'data',
])

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(text)
    return isObject(said) ? said : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A name without spaces, so that an address of a person is none. */
const isWord = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value)

/** Names of others: whatever can be written on one line. */
const isId = (value: unknown): value is string =>
  typeof value === 'string' && (/^[ -~]{1,256}$/.test(value) || /^[^\p{C}]{1,256}$/u.test(value))

/** What a person or a receipt is called here; an address in its place is refused, and so never kept. */
const isName = (value: unknown): value is string =>
  isId(value) && !/\s/.test(value) && !looksLikeAPerson(value)

/** Undefined for what is no version. */
function versionOf(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= LAST_VERSION
    ? Number(value)
    : undefined
}

/** What every store can write down. */
const LAST_VERSION = 2 ** 31 - 1

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

/** ISO 8601 with a zone: without one it is another instant for each reader. */
function instantOf(value: unknown): number | null {
  if (typeof value !== 'string' || !INSTANT.test(value)) return null
  const at = Date.parse(value)
  return Number.isNaN(at) || at < 0 || !isDay(value.slice(0, 10)) ? null : at
}

/** The 30th of February is none, though it is parsed as the 2nd of March. */
function isDay(day: string): boolean {
  const [year, month, date] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0)
  return date >= 1 && date <= days
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** By pid or by what the person is known by, never both: they could contradict each other. */
function personOf({ pid, person }: Readonly<Record<string, unknown>>): Person | null {
  if (person === undefined) return isName(pid) ? { pid } : null
  if (pid !== undefined || !isObject(person)) return null
  const kinds = Object.keys(person)
  if (kinds.length === 0) return null
  const identifiers: Identifier[] = []
  for (const kind of IDENTIFIER_KINDS) {
    const value = person[kind]
    if (value !== undefined && !isId(value)) return null
    if (value !== undefined) identifiers.push({ kind, value })
  }
  return identifiers.length === kinds.length ? { identifiers } : null
}

const DEEPEST = 32

/**
 * The place of what JSON can say and a store cannot keep as it was said: a number beyond all numbers (`1e999` is read as
 * infinite and would be written as null), half a character, a zero character. Null: there is none.
 */
function unkeepable(value: unknown, place: string, depth: number): string | null {
  if (typeof value === 'string') return isUnkeepable(value) ? place : null
  if (typeof value === 'number') return Number.isFinite(value) ? null : place
  if (typeof value !== 'object' || value === null) return null
  if (depth === DEEPEST) return place
  for (const [name, member] of Object.entries(value)) {
    // A name that cannot be kept is not repeated.
    if (isUnkeepable(name)) return place
    const found = unkeepable(member, `${place}.${shownName(name)}`, depth + 1)
    if (found !== null) return found
  }
  return null
}

/** A sender that uses addresses or numbers of people as names of members does not get them into a log. */
const shownName = (name: string): string => (/^[A-Za-z_][\w-]{0,31}$/.test(name) ? name : '*')

const isUnkeepable = (text: string): boolean => text.includes('\0') || HALF_A_CHARACTER.test(text)

const HALF_A_CHARACTER = /\p{Cs}/u
