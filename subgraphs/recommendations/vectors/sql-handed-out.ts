import { type Kysely, sql } from 'kysely'
import type { PidHolder } from '../../pid-holder.ts'
import { erased } from '../../standing/sql-alive.ts'
import { createSqlStandings } from '../../standing/sql-standings.ts'
import { chooseTogether, outcomeOf, type Window, windowOf } from './chosen-to-hand-out.ts'
import type { Admission, Admitted, HandedOut, Handing, KeptHandedOut, RetrievalLine } from './vector-store.ts'

/** The counts by themselves, in tables of their own. */
export function createSqlHandedOut(db: Kysely<never>, vacuum: () => Promise<void>): KeptHandedOut {
  const standings = createSqlStandings(db)
  return {
    standings,
    ...sqlHandedOut(db),
    async purgeDead(now, pids) {
      await purgeHandedOut(db, now)
      const asked = pids === undefined ? sql`true` : sql`pid = any(${pids}::text[])`
      const { rows } = await sql<{ pid: string }>`
        select pid from standing_block where ${asked} and ${erased('standing_block.pid')}`.execute(db)
      if (rows.length > 0)
        await forgetHandedOut(
          db,
          rows.map(({ pid }) => pid),
        )
      return 0
    },
    vacuum,
    async copyPids(renamed) {
      await standings.copyPids(renamed)
      await copyHandedOut(db, renamed)
    },
    async forgetPids(pids) {
      await forgetHandedOut(db, pids)
      await standings.forgetPids(pids)
    },
  }
}

/** In PGlite or PostgreSQL: several connections, and several processes, count together. */
export const sqlHandedOut = (db: Kysely<never>): HandedOut => ({
  admit: (search) => admit(db, search),
  handOut: (handings) =>
    handings.length === 0
      ? Promise.resolve([])
      : db.transaction().execute((transaction) => handOut(transaction, handings)),
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

/**
 * The locks are held until what is handed out is written down, and taken in one order by all. What was is read by a statement of
 * its own: one that had waited for a lock would still see what was there before it waited.
 */
async function handOut(
  db: Kysely<never>,
  handings: readonly Handing[],
): Promise<readonly (readonly string[])[]> {
  const keys = [...new Set(handings.map(windowOf))].toSorted()
  await sql`select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${keys}::text[]) as windows (key)`.execute(
    db,
  )
  const lists = chooseTogether(handings, await openWindows(db, handings))
  const fresh = handings.flatMap(({ line: { client, purpose, among }, countedFor }, place) =>
    (lists[place]?.fresh ?? []).map((result) => ({
      client,
      purpose,
      about: countedFor ?? '',
      among,
      result,
      at: lists[place]?.opened,
    })),
  )
  const lines = handings.map(({ line, found }, place) => {
    const { chosen = [] } = lists[place] ?? {}
    return { ...line, given: chosen.length, outcome: outcomeOf(found, chosen) }
  })
  await sql`
    with given as (
      insert into handed_out as known (client, purpose, about, among, result, at)
      select * from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb)
        as fresh (client text, purpose text, about text, among text, result text, at bigint)
      on conflict (client, purpose, about, among, result) do update set at = greatest(known.at, excluded.at))
    insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    select * from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as lines (at bigint, client text, purpose text, about text,
      among text, model text, k int, given int, outcome text)`.execute(db)
  return lists.map(({ chosen }) => chosen)
}

async function openWindows(db: Kysely<never>, handings: readonly Handing[]): Promise<Map<string, Window>> {
  const asked = new Map(
    handings.map((handing) => {
      const { line, countedFor, windowMs } = handing
      const { client, purpose, among } = line
      const key = windowOf(handing)
      return [key, { key, client, purpose, about: countedFor ?? '', among, since: line.at - windowMs }]
    }),
  )
  const { rows } = await sql<{ key: string; opened: number; given: string[] }>`
    select key, min(at)::float8 as opened, array_agg(result) as given
    from jsonb_to_recordset(${JSON.stringify([...asked.values()])}::jsonb)
      as asked (key text, client text, purpose text, about text, among text, since bigint)
    join handed_out on handed_out.client = asked.client and handed_out.purpose = asked.purpose
      and handed_out.about = asked.about and handed_out.among = asked.among and handed_out.at > asked.since
    group by key`.execute(db)
  return new Map(rows.map(({ key, opened, given }) => [key, { opened, given: new Set(given) }]))
}

async function write(db: Kysely<never>, line: RetrievalLine): Promise<void> {
  await sql`insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    values (${line.at}::bigint, ${line.client}, ${line.purpose}, ${line.about}, ${line.among}, ${line.model}, ${line.k},
      ${line.given}, ${line.outcome})`.execute(db)
}

export async function copyHandedOut(
  db: Kysely<never>,
  renamed: Parameters<PidHolder['copyPids']>[0],
): Promise<void> {
  const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
  await sql`
    insert into handed_out (client, purpose, about, among, result, at)
    select client, purpose, coalesce(whom."to", about), among, coalesce(who."to", result), max(at)
    from handed_out
    left join (select * from ${given}) as whom on whom."from" = about
    left join (select * from ${given}) as who on who."from" = result and among = 'people'
    where whom."to" is not null or who."to" is not null group by 1, 2, 3, 4, 5 on conflict do nothing`.execute(
    db,
  )
  await sql`update retrieval set about = renamed."to" from ${given} where about = renamed."from"`.execute(db)
}

/** That somebody was handed out still counts, or who has them erased would be shown others; who it was is not known any more. */
export async function forgetHandedOut(db: Kysely<never>, pids: readonly string[]): Promise<void> {
  const these = sql`any(${pids}::text[])`
  await sql`update handed_out set result = 'gone ' || gen_random_uuid() where among = 'people' and result = ${these}`.execute(
    db,
  )
  await sql`update handed_out set about = 'gone ' || gen_random_uuid() where about <> '' and about = ${these}`.execute(
    db,
  )
  await sql`update retrieval set about = null where about is not null and about = ${these}`.execute(db)
}

const DAY_MS = 86_400_000

/** What was handed out counts for a day at most, and who asked is known for a little more than a year (GDPR Art. 5(1)(e)). */
export async function purgeHandedOut(db: Kysely<never>, now: number): Promise<void> {
  await sql`delete from handed_out where at <= ${now - DAY_MS}::bigint`.execute(db)
  await sql`delete from retrieval where at <= ${now - 400 * DAY_MS}::bigint`.execute(db)
}
