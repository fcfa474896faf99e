import { type Kysely, sql } from 'kysely'
import type { Link } from './receipts/sealed-chain.ts'
import { inChunks } from './sql-chunks.ts'

/** Adds links to the chains of their people; nothing else ever touches them. */
export async function writeLinks(db: Kysely<unknown>, links: readonly Link[]): Promise<void> {
  const rows = links.map(({ sealed, previous, hash, signature, chain, position, revision }) => ({
    revision,
    chain,
    position,
    sealed: sealed.toString('base64'),
    previous: previous.toString('base64'),
    hash: hash.toString('base64'),
    signature: signature?.bytes.toString('base64'),
    signer: signature?.signerId,
  }))
  await inChunks(rows, (chunk) =>
    sql`
      insert into receipt (revision, chain, position, sealed, previous, hash, signature, signer_id)
      select revision, chain, position, decode(sealed, 'base64'), decode(previous, 'base64'),
        decode(hash, 'base64'), decode(signature, 'base64'), signer
      from jsonb_to_recordset(${chunk}::jsonb) as r(revision bigint, chain uuid, position int, sealed text,
        previous text, hash text, signature text, signer text)`.execute(db),
  )
}
