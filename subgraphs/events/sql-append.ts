import { type Kysely, sql, type Transaction } from 'kysely'
import { type Event, eventKey } from './event.ts'
import { type Appended, ConsentNotCurrent, isSameEvent } from './event-store.ts'
import { type EventRow, eventColumns, takeable, toStoredEvent } from './sql-event-rows.ts'

export interface AppendTerms {
  readonly now: number
  readonly isCurrent: boolean
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
  if (!isCurrent) throw new ConsentNotCurrent()
  const first = firstOfEach(events)
  const written = await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('assent.events'))`.execute(transaction)
      const rows = await insert(transaction, [...first.values()], now)
      const missing = rows.filter(({ isAlive, position }) => isAlive && position === null)
      return { rows, known: missing.length === 0 ? NONE : await readKnown(transaction, missing) }
    })
  const outcomes = new Map(written.rows.map((row) => [eventKey(row), row]))
  const seen = new Set<string>()
  return events.map((event) => {
    const key = eventKey(event)
    const row = outcomes.get(key)
    const before = seen.has(key) ? first.get(key) : written.known.get(key)
    seen.add(key)
    if (row === undefined || !row.isAlive) return { outcome: 'not_alive' }
    if (before !== undefined) return { outcome: isSameEvent(before, event) ? 'duplicate' : 'reused' }
    return row.position === null ? { outcome: 'duplicate' } : { outcome: 'stored', position: row.position }
  })
}

const NONE: ReadonlyMap<string, Event> = new Map()

/** What stands twice in one batch is written once. */
function firstOfEach(events: readonly Event[]): ReadonlyMap<string, Event> {
  const first = new Map<string, Event>()
  for (const event of events) if (!first.has(eventKey(event))) first.set(eventKey(event), event)
  return first
}

interface Written {
  readonly source: string
  readonly eventId: string
  readonly isAlive: boolean
  /** Null: it was there, or it may not be. */
  readonly position: string | null
}

async function insert(
  db: Transaction<unknown>,
  events: readonly Event[],
  now: number,
): Promise<readonly Written[]> {
  const { rows } = await sql<Written>`
    with given as materialized (
      select place, source, "eventId" as event_id, type, version, to_timestamp("occurredAt" / 1000.0) as occurred_at,
        to_timestamp("receivedAt" / 1000.0) as received_at, pid, scope, "consentId" as consent_id,
        "consentRevision" as consent_revision, data, to_timestamp("expiresAt" / 1000.0) as expires_at
      from rows from (jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as (source text, "eventId" text, type text,
        version int, "occurredAt" float8, "receivedAt" float8, pid text, scope text, "consentId" text,
        "consentRevision" bigint, data jsonb, "expiresAt" float8)) with ordinality as sent (source, "eventId", type,
        version, "occurredAt", "receivedAt", pid, scope, "consentId", "consentRevision", data, "expiresAt", place)
    ), judged as materialized (
      select given.*, ${takeable('given', now)} as is_alive from given
    ), added as (
      insert into event (source, event_id, type, version, occurred_at, received_at, pid, scope, consent_id,
        consent_revision, data, expires_at)
      select source, event_id, type, version, occurred_at, received_at, pid, scope, consent_id, consent_revision, data,
        expires_at
      from judged where is_alive order by place
      on conflict (source, event_id) do nothing
      returning source, event_id, position
    )
    select judged.source, judged.event_id as "eventId", is_alive as "isAlive", added.position::text as position
    from judged left join added using (source, event_id)`.execute(db)
  return rows
}

/** What is there under these names, alive or not. */
async function readKnown(
  db: Transaction<unknown>,
  missing: readonly Written[],
): Promise<ReadonlyMap<string, Event>> {
  const sources = missing.map(({ source }) => source)
  const ids = missing.map(({ eventId }) => eventId)
  const { rows } = await sql<EventRow>`select ${eventColumns} from event
    where (source, event_id) in (select * from unnest(${sources}::text[], ${ids}::text[]))`.execute(db)
  return new Map(rows.map((row) => [eventKey(row), toStoredEvent(row)]))
}
