import { type Kysely, sql } from 'kysely'
import { newestRevision } from './sql-reads.ts'

/** The only writer at this moment, in a transaction of its own. */
export interface Turn {
  readonly db: Kysely<unknown>
  /** What is written next is the revision after this one. */
  readonly newest: number
}

export type Work<T> = (turn: Turn) => Promise<T>

/**
 * Writers take turns, so that revisions become visible in order: a reader never skips one that is committed later.
 * Nothing rests on the isolation of transactions, which has had holes (Jepsen, PostgreSQL 12.3): each statement sees
 * what was committed before the turn began, and heads are changed by compare-and-set.
 */
export function inTurn<T>(db: Kysely<unknown>, work: Work<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('assent.consent')), ${DURABLE}`.execute(transaction)
      return work({ db: transaction, newest: await newestRevision(transaction) })
    })
}

/** What was acknowledged is there after a crash, also where the server is set to be quick instead. */
export const DURABLE = sql`case when current_setting('synchronous_commit') = 'off'
  then set_config('synchronous_commit', 'on', true) end`
