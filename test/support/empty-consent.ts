import { sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'

/** As if nobody had ever said anything. */
export async function emptyConsent({ admin }: Engine): Promise<void> {
  await sql`truncate consent.person, consent.receipt, consent.head, consent.change, consent.link_log, consent.link,
    consent.linked`.execute(admin)
}
