import { type Kysely, sql } from 'kysely'

/**
 * Removes what was deleted from the files, for the engine's own user. A plain VACUUM only frees the place: the bytes stay in the
 * holes of pages, in the statistics of the planner and in the log that is written ahead. Each table (`schema.table`) is locked
 * while it is rewritten.
 */
export async function rewriteTables(admin: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    // oxlint-disable-next-line no-await-in-loop -- one lock at a time
    await sql`vacuum (full, analyze) ${sql.table(table)}`.execute(admin)
  }
  // The most common values of columns are kept there, and so are those that were.
  await allowed(sql`vacuum (full) pg_catalog.pg_statistic`.execute(admin))
  // What was written ahead is removed, not kept for use again, once it lies before a checkpoint.
  await allowed(sql`set wal_recycle = off`.execute(admin))
  await allowed(sql`select pg_switch_wal()`.execute(admin))
  await allowed(sql`checkpoint`.execute(admin))
}

/** A server may keep its log to itself: then its own settings say when that is gone. */
async function allowed(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42501') throw error
  }
}
