import { sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'

/** The trail is kept from everybody: for a test it has to be let go first. */
export const emptyReidentification = async ({ admin }: Engine): Promise<void> => {
  await sql`alter table reidentification.trail disable trigger user`.execute(admin)
  await sql`truncate reidentification.request, reidentification.trail, reidentification.trail_key`.execute(
    admin,
  )
  await sql`alter table reidentification.trail enable trigger user`.execute(admin)
}
