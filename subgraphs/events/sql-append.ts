import { type Kysely, sql, type Transaction } from 'kysely'
import { type Event, eventKey } from './event.ts'
import { type Appended, ConsentNotCurrent, isSameEvent } from './event-store.ts'
import { type EventRow, eventColumns, takeable, toStoredEvent } from './sql-event-rows.ts'

export interface AppendTerms {
  readonly now: number
  /** Whether what was heard of consent may be relied upon, at this very moment. */
  readonly isCurrent: () => boolean
}

/**
 * Writers take turns, and each takes its positions in its turn: what is committed later has a higher one, so a reader that
 * goes on behind the last it has seen steps over nothing. The statement sees what was committed before the turn began.
 */
export async function appendEvents(
  db: Kysely<unknown>,
  events: readonly Event[],
  { now, isCurrent }: AppendTerms,
): Promise<readonly Appended[]> {
  if (events.length === 0) return []
  if (!isCurrent()) throw new ConsentNotCurrent()
  const first = firstOfEach(events)
  const once = [...first.values()]
  const { written, known } = await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('assent.events'))`.execute(transaction)
      // The turn may have been long in coming.
      if (!isCurrent()) throw new ConsentNotCurrent()
      const rows = await insert(transaction, once, now)
      const missing = once.filter((_, at) => rows[at] === IS_KNOWN)
      return { written: rows, known: missing.length === 0 ? NONE : await readKnown(transaction, missing) }
    })
  const outcomes = new Map(once.map((event, at) => [eventKey(event), written[at]]))
  const seen = new Set<string>()
  return events.map((event) => {
    const key = eventKey(event)
    const outcome = outcomes.get(key)
    const before = seen.has(key) ? first.get(key) : known.get(key)
    seen.add(key)
    if (outcome === undefined || outcome === IS_DEAD) return { outcome: 'not_alive' }
    if (before !== undefined) return { outcome: isSameEvent(before, event) ? 'duplicate' : 'reused' }
    return outcome === IS_KNOWN ? { outcome: 'duplicate' } : { outcome: 'stored', position: outcome }
  })
}

const NONE: ReadonlyMap<string, Event> = new Map()

/** What stands twice in one batch is written once. */
function firstOfEach(events: readonly Event[]): ReadonlyMap<string, Event> {
  const first = new Map<string, Event>()
  for (const event of events) if (!first.has(eventKey(event))) first.set(eventKey(event), event)
  return first
}

/** What came of one, by its place: its new position, or why it has none. */
type Written = string

const IS_KNOWN = '='
const IS_DEAD = '-'

/**
 * Columns come as arrays, which are read in a fraction of the time that a document of as many rows takes; what is the same
 * for most of them comes once. The answer is one text. What is there already is left out beforehand, since no other writer
 * has its turn, and not found by a conflict, each row of which would be written twice into the log.
 */
async function insert(
  db: Transaction<unknown>,
  events: readonly Event[],
  now: number,
): Promise<readonly Written[]> {
  const { kinds, kindOf } = kindsOf(events)
  const { rows } = await sql<{ written: string }>`
    with given as materialized (
      select place, (${kinds.map(({ source }) => source)}::text[])[kind] as source, event_id,
        (${kinds.map(({ type }) => type)}::text[])[kind] as type,
        (${kinds.map(({ version }) => version)}::int[])[kind] as version,
        to_timestamp(occurred / 1000.0) as occurred_at, to_timestamp(received / 1000.0) as received_at, pid,
        (${kinds.map(({ scope }) => scope)}::text[])[kind] as scope, consent_id, consent_revision, data,
        to_timestamp(expires / 1000.0) as expires_at
      from unnest(${events.map(({ eventId }) => eventId)}::text[], ${kindOf}::int[],
        ${events.map(({ occurredAt }) => occurredAt)}::float8[], ${events.map(({ receivedAt }) => receivedAt)}::float8[],
        ${events.map(({ pid }) => pid)}::text[], ${events.map(({ consentId }) => consentId)}::text[],
        ${events.map(({ consentRevision }) => consentRevision)}::bigint[],
        ${events.map(({ data }) => JSON.stringify(data))}::jsonb[], ${events.map(({ expiresAt }) => expiresAt)}::float8[])
        with ordinality as sent (event_id, kind, occurred, received, pid, consent_id, consent_revision, data, expires, place)
    ), judged as materialized (
      select given.*, ${takeable('given', now)} as is_alive, (select known.position from event as known
        where known.source = given.source and known.event_id = given.event_id) is not null as is_known
      from given
    ), fresh as materialized (
      select nextval('event_position') as position, in_order.*
      from (select * from judged where is_alive and not is_known order by place) as in_order
    ), added as (
      insert into event (position, source, event_id, type, version, occurred_at, received_at, pid, scope, consent_id,
        consent_revision, data, expires_at)
      select position, source, event_id, type, version, occurred_at, received_at, pid, scope, consent_id,
        consent_revision, data, expires_at from fresh
    )
    select string_agg(case when not judged.is_alive then ${IS_DEAD}::text else coalesce(fresh.position::text, ${IS_KNOWN}::text) end,
      ' ' order by judged.place) as written
    from judged left join fresh using (place)`.execute(db)
  return rows[0]?.written.split(' ') ?? []
}

type Kind = Pick<Event, 'source' | 'type' | 'version' | 'scope'>

/** What events of one sort have in common, and of each event the number of its sort, from 1. */
function kindsOf(events: readonly Event[]): {
  readonly kinds: readonly Kind[]
  readonly kindOf: readonly number[]
} {
  const numbers = new Map<string, number>()
  const kinds: Kind[] = []
  const kindOf = events.map((event) => {
    const { source, type, version, scope } = event
    const key = JSON.stringify([source, type, version, scope])
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, kinds.push(event))
    return kinds.length
  })
  return { kinds, kindOf }
}

/** What is there under these names, alive or not. */
async function readKnown(
  db: Transaction<unknown>,
  missing: readonly Event[],
): Promise<ReadonlyMap<string, Event>> {
  const sources = missing.map(({ source }) => source)
  const ids = missing.map(({ eventId }) => eventId)
  const { rows } = await sql<EventRow>`select ${eventColumns} from event
    where (source, event_id) in (select * from unnest(${sources}::text[], ${ids}::text[]))`.execute(db)
  return new Map(rows.map((row) => [eventKey(row), toStoredEvent(row)]))
}
