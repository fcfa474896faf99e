import { type Kysely, sql } from 'kysely'
import type { PidHolder } from '../pid-holder.ts'
import { createSqlStandings } from '../standing/sql-standings.ts'

/** Values, what they are computed from and what was heard of consent follow people to their new pids together. */
export function pidHolder(db: Kysely<never>): PidHolder {
  const standings = createSqlStandings(db)
  return {
    async copyPids(renamed) {
      await standings.copyPids(renamed)
      const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
      await db.transaction().execute(async (transaction) => {
        await sql`insert into served (pid, scope, consent_id, consent_revision, expires_at, due_at, vals, plain, lineage)
          select renamed."to", scope, consent_id, consent_revision, expires_at, due_at, vals, plain, lineage
          from ${given} join served on served.pid = renamed."from" on conflict do nothing`.execute(
          transaction,
        )
        await sql`insert into state (pid, scope, event, consent_revision, names, states)
          select renamed."to", scope, event, consent_revision, names, states
          from ${given} join state on state.pid = renamed."from" on conflict do nothing`.execute(transaction)
      })
    },
    async forgetPids(gone) {
      await db.transaction().execute(async (transaction) => {
        await sql`delete from served where pid = any(${gone}::text[])`.execute(transaction)
        await sql`delete from state where pid = any(${gone}::text[])`.execute(transaction)
      })
      await standings.forgetPids(gone)
    },
  }
}
