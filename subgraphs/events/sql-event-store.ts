import { setImmediate as othersTurn } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { dead } from '../standing/sql-alive.ts'
import type { Currency } from '../standing/standing-store.ts'
import { ConsentNotCurrent, type EventStore } from './event-store.ts'
import { appendEvents } from './sql-append.ts'
import type { StoredEvent } from './event.ts'
import { type EventRow, eventColumns, readable, toStoredEvent } from './sql-event-rows.ts'
import { rewriteTables } from '../standing/sql-rewrite.ts'

export interface SqlEventStoreOptions {
  /** The database as its owner sees it. */
  readonly db: Kysely<unknown>
  /** As the engine's own user, who alone can vacuum. */
  readonly admin: Kysely<unknown>
  readonly currency: Pick<Currency, 'isCurrent'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Events in PGlite or PostgreSQL 15 and later. */
export function createSqlEventStore(options: SqlEventStoreOptions): EventStore {
  const { db, currency, clock } = options
  return {
    append: (events, now) => appendEvents(db, events, { now, isCurrent: () => currency.isCurrent(clock()) }),
    ...readsOf(options),
    counts: () => countsOf(options),
    ...endsOf(options),
    async copyPids(renamed) {
      await sql`insert into renamed_pid (elder, pid)
        select "from", "to" from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)
        on conflict (elder) do update set pid = excluded.pid`.execute(db)
    },
    async forgetPids(pids) {
      await sql`select forget_elder_pids(${pids}::text[])`.execute(db)
    },
  }
}

type Reads = Pick<EventStore, 'after' | 'of' | 'ofPerson' | 'ofType' | 'people' | 'newest'>

/** Nothing is read while nobody knows what consent says. */
function readsOf({ db, currency, clock }: SqlEventStoreOptions): Reads {
  const whenCurrent = () => relyOn(currency, clock())
  const read = async (rest: ReturnType<typeof sql>) => {
    const readableNow = readable(whenCurrent())
    const { rows } =
      await sql<EventRow>`select ${eventColumns} from event where ${readableNow} ${rest}`.execute(db)
    // What was read under a lease that ran out meanwhile may be somebody's who has withdrawn since.
    whenCurrent()
    return rows.map(toStoredEvent)
  }
  const newest = (): Promise<string> => newestOf(db)
  return {
    after: (position, limit) => readAfter({ read, newest, db }, position, limit),
    of: (pids, types, upTo) =>
      read(
        sql`and ${isOf(pids)} and type = any(${types}::text[]) and position <= ${upTo}::bigint order by event.position`,
      ),
    ofPerson: (pid, from, until) =>
      read(sql`and ${isOf([pid])} and occurred_at >= ${new Date(from)}::timestamptz
        and occurred_at < ${new Date(until)}::timestamptz order by occurred_at, event.position`),
    ofType: ({ type, from, to, receivedBefore }, page) =>
      read(sql`and type = ${type} and occurred_at >= ${new Date(from)}::timestamptz
        and occurred_at < ${new Date(to)}::timestamptz and received_at < ${new Date(receivedBefore)}::timestamptz
        and position > ${page.after}::bigint order by event.position limit ${page.limit}`),
    // Each part in the order of an index, which ends with the page: of all there is, sorted anew, each page would ask everything.
    async people(after, limit) {
      const now = whenCurrent()
      const { rows } = await sql<{ pid: string }>`
        (select distinct event.pid from event where event.pid > ${after ?? ''} and ${readable(now)}
          and not exists (select from renamed_pid where elder = event.pid) order by event.pid limit ${limit})
        union
        (select distinct renamed_pid.pid from renamed_pid where renamed_pid.pid > ${after ?? ''}
          and exists (select from event where event.pid = elder and ${readable(now)}) order by renamed_pid.pid limit ${limit})
        order by pid limit ${limit}`.execute(db)
      whenCurrent()
      return rows.map(({ pid }) => pid)
    },
    newest,
  }
}

async function newestOf(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ newest: string }>`
    select coalesce(max(event.position), 0)::text as newest from event`.execute(db)
  return rows[0]?.newest ?? '0'
}

interface Paging {
  readonly read: (rest: ReturnType<typeof sql>) => Promise<readonly StoredEvent[]>
  readonly newest: () => Promise<string>
  readonly db: Kysely<unknown>
}

/**
 * A range of positions at a time, and never all that are behind one: whether a row may be read is asked of each of them, and a
 * reader who is far behind would have it asked of everything that waits, again with each page.
 */
async function readAfter(
  { read, newest, db }: Paging,
  position: string,
  limit: number,
): Promise<StoredEvent[]> {
  const last = BigInt(await newest())
  const found: StoredEvent[] = []
  let from = BigInt(position)
  // oxlint-disable no-await-in-loop -- one range after the other
  while (from < last && found.length < limit) {
    const to = from + BigInt(limit)
    const some = await read(
      sql`and position > ${from}::bigint and position <= ${to}::bigint order by event.position`,
    )
    found.push(...some)
    // Where much was purged nothing is left of many ranges.
    from = some.length > 0 ? to : await beforeNext(db, to)
  }
  // oxlint-enable no-await-in-loop
  return found.slice(0, limit)
}

/** The last position behind which the next event stands; the given one, or further. */
async function beforeNext(db: Kysely<unknown>, position: bigint): Promise<bigint> {
  const { rows } = await sql<{ next: string | null }>`
    select min(event.position)::text as next from event where position > ${position}::bigint`.execute(db)
  return BigInt(rows[0]?.next ?? position + 1n) - 1n
}

async function countsOf({ db, currency, clock }: SqlEventStoreOptions): Promise<Map<string, number>> {
  const now = relyOn(currency, clock())
  const { rows } = await sql<{ type: string; count: string }>`
    select type, count(*) as count from event where ${readable(now)} group by type`.execute(db)
  relyOn(currency, clock())
  return new Map(rows.map(({ type, count }) => [type, Number(count)]))
}

function relyOn(currency: SqlEventStoreOptions['currency'], now: number): number {
  if (!currency.isCurrent(now)) throw new ConsentNotCurrent()
  return now
}

/** What is over, by its time or by a word of its person. */
function endsOf({ db, admin }: SqlEventStoreOptions): Pick<EventStore, 'purge' | 'purgeDead' | 'vacuum'> {
  return {
    async purge(now, limit) {
      const { numAffectedRows = 0n } = await sql`delete from event where position = any(array(
        select position from event where expires_at <= ${new Date(now)}::timestamptz limit ${limit}))`.execute(
        db,
      )
      return Number(numAffectedRows)
    },
    purgeDead: (now, only) =>
      only === undefined ? purgeAllDead(db, now) : deleteDead(db, sql`pid = any(${only}::text[])`, now),
    vacuum: () => rewriteTables(admin, ['events.event']),
  }
}

async function deleteDead(db: Kysely<unknown>, among: RawBuilder<unknown>, now: number): Promise<number> {
  const columns = { pid: 'event.pid', scope: 'event.scope', revision: 'event.consent_revision' }
  const { numAffectedRows = 0n } =
    await sql`delete from event where ${among} and ${dead(columns, now)}`.execute(db)
  return Number(numAffectedRows)
}

/** Positions that are looked at together: whoever else needs the database waits no longer than for these. */
const SWEPT_AT_ONCE = 5_000n

/** Each event there is is asked about, a part at a time: of all at once nobody else would be answered for as long. */
async function purgeAllDead(db: Kysely<unknown>, now: number): Promise<number> {
  let [from, gone] = [await beforeNext(db, 0n), 0]
  // oxlint-disable no-await-in-loop -- one part after the other
  for (const last = BigInt(await newestOf(db)); from < last;) {
    const to = from + SWEPT_AT_ONCE
    gone += await deleteDead(db, sql`position > ${from}::bigint and position <= ${to}::bigint`, now)
    from = await beforeNext(db, to)
    await othersTurn()
  }
  // oxlint-enable no-await-in-loop
  return gone
}

const isOf = (pids: readonly string[]) => sql`pid = any(array(
  select unnest(${pids}::text[]) union all select elder from renamed_pid where renamed_pid.pid = any(${pids}::text[])))`
