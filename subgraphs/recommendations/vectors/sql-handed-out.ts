import { type Kysely, sql } from 'kysely'
import type { PidHolder } from '../../pid-holder.ts'
import { erased } from '../../standing/sql-alive.ts'
import { createSqlStandings } from '../../standing/sql-standings.ts'
import { chooseTogether, windowOf } from './chosen-to-hand-out.ts'
import type { Admission, Admitted, HandedOut, Handing, KeptHandedOut, RetrievalLine } from './vector-store.ts'

/** The counts by themselves, in tables of their own. */
export function createSqlHandedOut(db: Kysely<never>, vacuum: () => Promise<void>): KeptHandedOut {
  const standings = createSqlStandings(db)
  return {
    standings,
    ...sqlHandedOut(db),
    purgeDead: (now, pids) =>
      db.transaction().execute(async (transaction) => {
        await purgeHandedOut(transaction, now)
        return forgetErased(transaction, pids)
      }),
    vacuum,
    async copyPids(renamed) {
      await standings.copyPids(renamed)
      await db.transaction().execute((transaction) => copyHandedOut(transaction, renamed))
    },
    async forgetPids(pids) {
      await db.transaction().execute((transaction) => forgetHandedOut(transaction, pids))
      await standings.forgetPids(pids)
    },
  }
}

/** In a transaction. Says how many rows named them: that many have to go from the files, too. */
export async function forgetErased(
  db: Kysely<never>,
  pids: readonly string[] | undefined,
  forget = forgetHandedOut,
): Promise<number> {
  const asked = pids === undefined ? sql`true` : sql`pid = any(${pids}::text[])`
  const { rows } = await sql<{ pid: string }>`
    select pid from standing_block where ${asked} and ${erased('standing_block.pid')}`.execute(db)
  if (rows.length === 0) return 0
  return forget(
    db,
    rows.map(({ pid }) => pid),
  )
}

/** In PGlite or PostgreSQL: several connections, and several processes, count together. */
export const sqlHandedOut = (db: Kysely<never>): HandedOut => ({
  admit: (search) => admit(db, search),
  handOut: (handings) => (handings.length === 0 ? Promise.resolve([]) : handOut(db, handings)),
  note: (line) => write(db, line),
  async retrievals(limit) {
    const { rows } = await sql<RetrievalLine>`
      select at::float8 as at, client, purpose, about, among, model, k, given, outcome
      from retrieval order by id desc limit ${limit}`.execute(db)
    return rows
  },
})

/** One statement: whoever comes second waits for the row, and sees what the first one made of it. One more than may is counted. */
async function admit(
  db: Kysely<never>,
  { client, purpose, searches, most, windowMs, now }: Admission,
): Promise<Admitted> {
  const start = Math.floor(now / windowMs) * windowMs
  const { rows } = await sql<{ searches: number }>`
    insert into search_count as known (client, purpose, window_start, searches)
    values (${client}, ${purpose}, ${start}::bigint, ${searches})
    on conflict (client, purpose) do update
      set window_start = greatest(known.window_start, excluded.window_start),
        searches = case when known.window_start < excluded.window_start then excluded.searches
          else known.searches + excluded.searches end
      where known.window_start < excluded.window_start or known.searches <= ${most}::int
    returning searches`.execute(db)
  const [counted] = rows
  if (counted === undefined) return 'still full'
  return counted.searches > most ? 'full' : 'admitted'
}

type Newest = ReadonlyMap<string, string>

/** Once more where somebody turns out to have a new pid: locks are taken for the pid that is counted under, all at once. */
async function handOut(
  db: Kysely<never>,
  handings: readonly Handing[],
  newest: Newest = new Map(),
): Promise<readonly (readonly string[])[]> {
  const counted = handings.map((each) => ({
    ...each,
    countedFor: each.countedFor === null ? null : (newest.get(each.countedFor) ?? each.countedFor),
  }))
  const done = await db.transaction().execute((transaction) => handOutCounted(transaction, counted))
  return 'lists' in done ? done.lists : handOut(db, counted, done.newest)
}

/**
 * The locks are held until what is handed out is written down, and taken in one order by all. What was is read by a statement of
 * its own: one that had waited for a lock would still see what was there before it waited.
 */
async function handOutCounted(
  db: Kysely<never>,
  handings: readonly Handing[],
): Promise<{ readonly lists: readonly (readonly string[])[] } | { readonly newest: Newest }> {
  const keys = [...new Set(handings.map(windowOf))].toSorted()
  await sql`select pg_advisory_xact_lock_shared(${RENAMING}), pg_advisory_xact_lock(hashtextextended(key, 0))
    from unnest(${keys}::text[]) as windows (key)`.execute(db)
  const { already, newest } = await givenBefore(db, handings)
  if (newest.size > 0) return { newest }
  const lists = chooseTogether(handings, already)
  const given = new Map(
    lists.flatMap((list) =>
      list.given.map(({ countedFor, ...one }) => {
        const row = { ...one, about: countedFor ?? '' }
        return [JSON.stringify([row.client, row.purpose, row.about, row.among, row.result]), row] as const
      }),
    ),
  )
  const lines = lists.map(({ line }) => line)
  await sql`
    with given as (
      insert into handed_out as known (client, purpose, about, among, result, at)
      select * from jsonb_to_recordset(${JSON.stringify([...given.values()])}::jsonb)
        as given (client text, purpose text, about text, among text, result text, at bigint)
      on conflict (client, purpose, about, among, result) do update set at = excluded.at where known.at < excluded.at)
    insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    select * from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as lines (at bigint, client text, purpose text, about text,
      among text, model text, k int, given int, outcome text)`.execute(db)
  return { lists: lists.map(({ chosen }) => chosen) }
}

interface GivenBefore {
  readonly already: ReadonlyMap<string, ReadonlySet<string>>
  /** Of those who are asked for under a pid they had before. */
  readonly newest: Newest
}

async function givenBefore(db: Kysely<never>, handings: readonly Handing[]): Promise<GivenBefore> {
  const asked = new Map(
    handings.map((handing) => {
      const { line, countedFor, windowMs } = handing
      const { client, purpose, among } = line
      const key = windowOf(handing)
      return [key, { key, client, purpose, about: countedFor ?? '', among, since: line.at - windowMs }]
    }),
  )
  const { rows } = await sql<{ key: string; about: string; newest: string | null; given: string[] }>`
    select key, asked.about, newest,
      array(select result from handed_out where handed_out.client = asked.client and handed_out.purpose = asked.purpose
        and handed_out.about = asked.about and handed_out.among = asked.among and handed_out.at > asked.since) as given
    from jsonb_to_recordset(${JSON.stringify([...asked.values()])}::jsonb)
      as asked (key text, client text, purpose text, about text, among text, since bigint)
    left join counted_as on counted_as.pid = asked.about`.execute(db)
  return {
    already: new Map(rows.map(({ key, given }) => [key, new Set(given)])),
    newest: new Map(rows.flatMap(({ about, newest }) => (newest === null ? [] : [[about, newest]]))),
  }
}

async function write(db: Kysely<never>, line: RetrievalLine): Promise<void> {
  await sql`insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    values (${line.at}::bigint, ${line.client}, ${line.purpose}, ${line.about}, ${line.among}, ${line.model}, ${line.k},
      ${line.given}, ${line.outcome})`.execute(db)
}

/** Whoever renames has this lock alone, whoever hands out has it with others: nobody is counted under a pid that is not theirs now. */
const RENAMING = 7_305_021_882_416

/** In a transaction: what was counted for an elder pid counts for the new one, and so does what is asked for the elder one. */
export async function copyHandedOut(
  db: Kysely<never>,
  renamed: Parameters<PidHolder['copyPids']>[0],
): Promise<void> {
  const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
  await sql`select pg_advisory_xact_lock(${RENAMING})`.execute(db)
  await sql`update counted_as set newest = renamed."to" from ${given} where newest = renamed."from"`.execute(
    db,
  )
  await sql`
    insert into counted_as (pid, newest)
    select distinct on (renamed."from") renamed."from", coalesce(known.newest, renamed."to")
    from ${given} left join counted_as as known on known.pid = renamed."to"
    on conflict (pid) do update set newest = excluded.newest`.execute(db)
  await sql`
    insert into handed_out as known (client, purpose, about, among, result, at)
    select client, purpose, coalesce(newest, about), among, coalesce(who."to", result), max(at)
    from handed_out
    left join counted_as on counted_as.pid = about
    left join (select * from ${given}) as who on who."from" = result and among = 'people'
    where newest is not null or who."to" is not null group by 1, 2, 3, 4, 5
    on conflict (client, purpose, about, among, result) do update set at = greatest(known.at, excluded.at)`.execute(
    db,
  )
  await sql`delete from handed_out using ${given} where about = renamed."from"`.execute(db)
  await sql`update retrieval set about = renamed."to" from ${given} where about = renamed."from"`.execute(db)
}

/**
 * In a transaction. That somebody was handed out still counts, or who has them erased would be shown others; who it was is not
 * known any more. Says how many rows named them.
 */
export async function forgetHandedOut(db: Kysely<never>, pids: readonly string[]): Promise<number> {
  const these = sql`any(${pids}::text[])`
  const changes = [
    sql`update handed_out set result = 'gone ' || gen_random_uuid() where among = 'people' and result = ${these}`,
    sql`update handed_out set about = 'gone ' || gen_random_uuid() where about <> '' and about = ${these}`,
    sql`update retrieval set about = null where about is not null and about = ${these}`,
    sql`delete from counted_as where pid = ${these} or newest = ${these}`,
  ]
  let rows = 0
  for (const change of changes) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const { numAffectedRows = 0n } = await change.execute(db)
    rows += Number(numAffectedRows)
  }
  return rows
}

const DAY_MS = 86_400_000

/** The longest window is a day, and a list that may be told again counts a little longer. */
const LONGEST_COUNTED_MS = DAY_MS + 3_600_000

/**
 * What was handed out counts for little more than a day at most, and who asked is known for a little more than a year (GDPR Art. 5(1)(e)). How many
 * went is not told: rows go every minute, and files are rewritten for those who said no.
 */
export async function purgeHandedOut(db: Kysely<never>, now: number): Promise<void> {
  await sql`delete from handed_out where at <= ${now - LONGEST_COUNTED_MS}::bigint`.execute(db)
  await sql`delete from retrieval where at <= ${now - 400 * DAY_MS}::bigint`.execute(db)
}
