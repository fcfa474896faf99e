import { sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'

/** As a migration leaves the tables. */
export async function emptyFeatures({ admin }: Pick<Engine, 'admin'>): Promise<void> {
  await sql`truncate features.served, features.state, features.standing, features.standing_block, features.standing_mark`.execute(
    admin,
  )
  await sql`update features.progress set position = 0, as_of = 0, revision = 0, policy = null, policy_up_to = null`.execute(
    admin,
  )
}
