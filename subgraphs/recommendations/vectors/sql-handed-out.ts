import { type Kysely, sql } from 'kysely'
import { chosenToHandOut, outcomeOf } from './chosen-to-hand-out.ts'
import type { Admission, Admitted, HandedOut, Handing, RetrievalLine } from './vector-store.ts'

/** In PGlite or PostgreSQL: several connections, and several processes, count together. */
export const sqlHandedOut = (db: Kysely<never>): HandedOut => ({
  admit: (search) => admit(db, search),
  handOut: (handing) => db.transaction().execute((transaction) => handOut(transaction, handing)),
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
  { client, purpose, most, windowMs, now }: Admission,
): Promise<Admitted> {
  const start = Math.floor(now / windowMs) * windowMs
  const { rows } = await sql<{ searches: number }>`
    insert into search_count as known (client, purpose, window_start, searches)
    values (${client}, ${purpose}, ${start}::bigint, 1)
    on conflict (client, purpose) do update
      set window_start = greatest(known.window_start, excluded.window_start),
        searches = case when known.window_start < excluded.window_start then 1 else known.searches + 1 end
      where known.window_start < excluded.window_start or known.searches <= ${most}::int
    returning searches`.execute(db)
  const [counted] = rows
  if (counted === undefined) return 'still full'
  return counted.searches > most ? 'full' : 'admitted'
}

/**
 * The lock is held until what is handed out is written down. What was is read by a statement of its own: one that had waited for
 * the lock would still see what was there before it waited.
 */
async function handOut(
  db: Kysely<never>,
  { line, countedFor, found, most, windowMs }: Handing,
): Promise<readonly string[]> {
  const { at, client, purpose, about, among } = line
  const to = JSON.stringify(['assent vectors', client, purpose, countedFor, among])
  await sql`select pg_advisory_xact_lock(hashtextextended(${to}, 0))`.execute(db)
  const { rows } = await sql<{ result: string }>`
    select result from handed_out where client = ${client} and purpose = ${purpose} and about = ${countedFor ?? ''}
      and among = ${among} and at > ${at - windowMs}::bigint`.execute(db)
  const chosen = chosenToHandOut(found, new Set(rows.map(({ result }) => result)), most)
  const outcome = outcomeOf(found, chosen)
  await sql`
    with given as (
      insert into handed_out as known (client, purpose, about, among, result, at)
      select ${client}, ${purpose}, ${countedFor ?? ''}, ${among}, result, ${at}::bigint
      from unnest(${chosen}::text[]) as chosen (result)
      on conflict (client, purpose, about, among, result) do update set at = greatest(known.at, excluded.at))
    insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    values (${at}::bigint, ${client}, ${purpose}, ${about}, ${among}, ${line.model}, ${line.k}, ${chosen.length}, ${outcome})`.execute(
    db,
  )
  return chosen
}

async function write(db: Kysely<never>, line: RetrievalLine): Promise<void> {
  await sql`insert into retrieval (at, client, purpose, about, among, model, k, given, outcome)
    values (${line.at}::bigint, ${line.client}, ${line.purpose}, ${line.about}, ${line.among}, ${line.model}, ${line.k},
      ${line.given}, ${line.outcome})`.execute(db)
}
