import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'

/** What the order of one person's events is drawn with: made once, the same for every replica. */
export async function keptBoundingKey(db: Kysely<unknown>): Promise<Buffer> {
  await sql`insert into bounding_key (key) values (${randomBytes(32)}) on conflict do nothing`.execute(db)
  const { rows } = await sql<{ key: Buffer | Uint8Array }>`select key from bounding_key`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('The key was not kept.')
  return Buffer.from(row.key)
}
