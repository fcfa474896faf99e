import { type Kysely, sql } from 'kysely'
import { chainKey, type Receipt } from './receipts/receipt.ts'
import { inChunks } from './sql-chunks.ts'
import { ReceiptConflict } from './store.ts'

/** A chain as it was when these receipts were made, and as they leave it. */
interface Move {
  readonly subject: string
  readonly scope: string
  readonly channel: string
  readonly region: string
  readonly brand: string
  /** 0 when there was no chain. */
  readonly versionBefore: number
  readonly idBefore: string | null
  readonly consentId: string
  readonly status: string
  readonly at: number
  readonly expiresAt: number | null
  readonly version: number
  readonly revision: number
}

/**
 * Compare-and-set: a head is moved only from the very receipt that its successor names, so of two who write at once one
 * is told, whoever else is connected and whatever isolation that one asked for.
 */
export async function moveHeads(
  db: Kysely<unknown>,
  revised: readonly { readonly receipt: Receipt; readonly revision: number }[],
): Promise<void> {
  const moves = new Map<string, Move>()
  for (const { receipt, revision } of revised) {
    const key = chainKey(receipt)
    moves.set(key, moveOf(receipt, revision, moves.get(key)))
  }
  let moved = 0
  await inChunks([...moves.values()], async (chunk) => {
    const { rows } = await sql<{ moved: number }>`${write(chunk)}`.execute(db)
    moved += rows[0]?.moved ?? 0
  })
  if (moved !== moves.size) throw new ReceiptConflict()
}

function moveOf(receipt: Receipt, revision: number, before: Move | undefined): Move {
  const { subject, scope, channel, region, brand, version, predecessor, consentId, status, at, expiresAt } =
    receipt
  const follows = before === undefined || (version === before.version + 1 && predecessor === before.consentId)
  if (!follows || (version === 1) !== (predecessor === null)) throw new ReceiptConflict()
  const chain = { subject, scope, channel: channel ?? '', region: region ?? '', brand: brand ?? '' }
  const { versionBefore, idBefore } = before ?? { versionBefore: version - 1, idBefore: predecessor }
  return { ...chain, versionBefore, idBefore, consentId, status, at, expiresAt, version, revision }
}

function write(moves: string) {
  return sql`
    with move as (
      select subject, scope, channel, region, brand, "versionBefore" as version_before, "idBefore" as id_before,
        "consentId" as consent_id, status, to_timestamp(at / 1000.0) as at,
        to_timestamp("expiresAt" / 1000.0) as expires_at, version, revision
      from jsonb_to_recordset(${moves}::jsonb) as m(subject text, scope text, channel text, region text,
        brand text, "versionBefore" int, "idBefore" text, "consentId" text, status text, at float8,
        "expiresAt" float8, version int, revision bigint)
    ), moved as (
      update head set consent_id = move.consent_id, status = move.status, at = move.at,
        expires_at = move.expires_at, version = move.version, revision = move.revision
      from move
      where head.subject = move.subject and head.scope = move.scope and head.channel = move.channel
        and head.region = move.region and head.brand = move.brand
        and head.version = move.version_before and head.consent_id = move.id_before
      returning 1
    ), begun as (
      insert into head (subject, scope, channel, region, brand, consent_id, status, at, expires_at, version, revision)
      select subject, scope, channel, region, brand, consent_id, status, at, expires_at, version, revision
      from move where version_before = 0
      on conflict do nothing
      returning 1
    )
    select ((select count(*) from moved) + (select count(*) from begun))::int as moved`
}
