import { sql } from 'kysely'
import type { Engine, Migration } from '../../subgraphs/database.ts'
import { alive, blocked, erased } from '../../subgraphs/standing/sql-alive.ts'
import { createSqlStandings, standingStatements } from '../../subgraphs/standing/sql-standings.ts'
import type { OpenStandings } from '../contract/standing-store.contract.ts'

/** An owner of nothing but standings. */
export const standingMigration: Migration = {
  schema: 'standings',
  role: 'assent_standings',
  statements: standingStatements('assent_standings'),
}

/** The condition is asked as a query asks it: about a row of another table. */
export async function openSqlStandings(engine: Engine): Promise<OpenStandings> {
  await sql`truncate standings.standing, standings.standing_mark, standings.standing_block`.execute(
    engine.admin,
  )
  const db = engine.database<never>(standingMigration)
  return {
    store: createSqlStandings(db),
    async isAlive({ pid, scope, revision }, now) {
      const { rows } = await sql`
        select from (values (${pid}::text, ${scope}::text, ${revision}::bigint)) as given (pid, scope, revision)
        where ${alive({ pid: 'pid', scope: 'scope', revision: 'revision' }, now)}`.execute(db)
      return rows.length === 1
    },
    async blockOf(pid) {
      const { rows } = await sql<{ blocked: boolean; erased: boolean }>`
        select ${blocked('pid')} as blocked, ${erased('pid')} as erased
        from (values (${pid}::text)) as given (pid)`.execute(db)
      const [found] = rows
      if (found?.erased) return 'erased'
      return found?.blocked ? 'suppressed' : null
    },
  }
}
