import { type Kysely, sql } from 'kysely'

/** A multiple of all that people differ by, so that a copy has said what its number says (`saidAbout`). */
export const ORIGINALS = 30_000
const RECEIPTS_EACH = 3

export interface Multiplying {
  readonly subjects: number
  readonly progress: (subjects: number) => void
}

/**
 * Makes a store of many out of the first ones, inside the database: rows of the same kind and size under other ids. What
 * is sealed in the copies is the originals' and opens for nobody; decisions do not read it.
 */
export const multiplyConsents = async (
  admin: Kysely<unknown>,
  { subjects, progress }: Multiplying,
): Promise<void> => {
  for (let copy = 1; copy * ORIGINALS < subjects; copy++) {
    const shift = sql`${copy * ORIGINALS * RECEIPTS_EACH}::bigint`
    const people = Math.min(ORIGINALS, subjects - copy * ORIGINALS)
    // eslint-disable-next-line no-await-in-loop -- one after the other, so that it shows how far it is
    await admin.transaction().execute(async (turn) => {
      await sql`set local search_path to consent, pg_temp`.execute(turn)
      await sql.raw(PID_OF).execute(turn)
      await sql`
        create temp table twin on commit drop as
        select person.pid as original, pg_temp.pid_of(n + ${copy * ORIGINALS}::bigint) as pid, person.chain
        from generate_series(0, ${people - 1}::int) n join person on person.pid = pg_temp.pid_of(n)`.execute(
        turn,
      )
      for (const statement of statements(copy, shift))
        // eslint-disable-next-line no-await-in-loop -- one connection
        await statement.execute(turn)
    })
    progress(copy * ORIGINALS + people)
  }
}

/** The same as `subjectAt`. */
const PID_OF = `
  create or replace function pg_temp.pid_of(n bigint) returns text language sql immutable as $$
    select left(translate(encode(sha256(convert_to('person ' || n, 'UTF8')), 'base64'), '+/', '-_'), 26) $$`

const statements = (copy: number, shift: ReturnType<typeof sql>) => {
  const other = (column: string) => sql`md5(${sql.ref(column)}::text || ${`/${copy}`}::text)::uuid`
  return [
    sql`
      insert into person (pid, chain, key, master_id, suppressed, revision)
      select twin.pid, ${other('person.chain')}, key, master_id, suppressed, revision + ${shift}
      from twin join person on person.pid = twin.original`,
    sql`
      insert into receipt (revision, chain, position, sealed, previous, hash, signature, signer_id)
      select revision + ${shift}, ${other('receipt.chain')}, position, sealed, previous, hash, signature, signer_id
      from twin join receipt on receipt.chain = twin.chain`,
    sql`
      insert into head (subject, scope, channel, region, brand, consent_id, status, at, expires_at, version, revision)
      select twin.pid, scope, channel, region, brand, ${other('consent_id')}, status, at, expires_at, version,
        revision + ${shift}
      from twin join head on head.subject = twin.original`,
    sql`
      insert into change (revision, is_receipt, subject, consent_id, statement, scope, channel, region, brand, status, at)
      select revision + ${shift}, is_receipt, twin.pid, ${other('consent_id')}, ${other('statement')}, scope, channel,
        region, brand, status, at
      from twin join change on change.subject = twin.original`,
  ]
}
