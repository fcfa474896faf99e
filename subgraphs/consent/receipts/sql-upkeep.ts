import { type Kysely, sql } from 'kysely'
import { CodedFailure } from '../../coded-failure.ts'
import { inChunks } from '../sql-chunks.ts'
import { inTurn } from '../sql-turn.ts'
import type { ReceiptKeys } from './receipt-keys.ts'
import { chainKey } from './receipt.ts'
import { unsealed } from './sealed-chain.ts'
import { readKeptPeople } from './sql-kept-people.ts'
import type { KeptPerson } from './verify-person.ts'

/** How many people are rewrapped in one transaction. */
const PAGE = 500

/**
 * Makes what decisions read again from the receipts, while writers wait. Throws `RECEIPT_UNREADABLE` and changes nothing
 * when one cannot be opened: heads without it would let an older yes stand.
 */
export async function rebuildHeads(db: Kysely<unknown>, keys: ReceiptKeys): Promise<number> {
  return inTurn(db, async ({ db: transaction }) => {
    await sql`delete from head`.execute(transaction)
    let heads: object[] = []
    let rebuilt = 0
    const write = async (): Promise<void> => {
      rebuilt += heads.length
      await insertHeads(transaction, heads)
      heads = []
    }
    for await (const person of readKeptPeople(transaction)) {
      heads.push(...headsOf(person, keys))
      if (heads.length >= PAGE) await write()
    }
    await write()
    await sql`select heads_again()`.execute(transaction)
    return rebuilt
  })
}

function headsOf({ pid, wrapped, links }: KeptPerson, keys: ReceiptKeys): readonly object[] {
  if (wrapped === null) return []
  const personKey = keys.unwrap(wrapped, pid)
  const heads = new Map<string, object>()
  for (const link of links) {
    if (link.kind === 'mark') continue
    const receipt = personKey && unsealed(link, personKey)
    if (receipt === null) throw new CodedFailure('RECEIPT_UNREADABLE', `revision ${link.revision}`)
    const { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version } = receipt
    const where = { subject, scope, channel: channel ?? '', region: region ?? '', brand: brand ?? '' }
    const said = { consentId, status, at, expiresAt, version, revision: link.revision }
    heads.set(chainKey(receipt), { ...where, ...said })
  }
  return [...heads.values()]
}

async function insertHeads(db: Kysely<unknown>, heads: readonly object[]): Promise<void> {
  await inChunks(heads, (chunk) =>
    sql`
      insert into head (subject, scope, channel, region, brand, consent_id, status, at, expires_at, version, revision)
      select subject, scope, channel, region, brand, "consentId", status, to_timestamp(at / 1000.0),
        to_timestamp("expiresAt" / 1000.0), version, revision
      from jsonb_to_recordset(${chunk}::jsonb) as h(subject text, scope text, channel text, region text, brand text,
        "consentId" text, status text, at float8, "expiresAt" float8, version int, revision bigint)`.execute(
      db,
    ),
  )
}

/** Puts every person's key under the master key in use. Those before it are needed until it has ended. */
export async function rewrapKeys(db: Kysely<unknown>, keys: ReceiptKeys): Promise<number> {
  let [rewrapped, after] = [0, '']
  for (;;) {
    const { rows } = await sql<{ pid: string; key: Buffer; master_id: string }>`
      select pid, key, master_id from person where pid > ${after} and key is not null
      order by pid limit ${PAGE}`.execute(db)
    const old = rows.filter((row) => !keys.isCurrent({ bytes: row.key, masterId: row.master_id }))
    await inChunks(
      old.map((row) => rewrappedRow(row, keys)),
      // Only where it is still the same: a key that is destroyed meanwhile stays destroyed.
      (chunk) =>
        sql`
          update person set key = decode(new.key, 'base64'), master_id = new."masterId"
          from jsonb_to_recordset(${chunk}::jsonb) as new(pid text, was text, key text, "masterId" text)
          where person.pid = new.pid and person.key = decode(new.was, 'base64')`.execute(db),
    )
    rewrapped += old.length
    after = rows.at(-1)?.pid ?? ''
    if (rows.length < PAGE) return rewrapped
  }
}

function rewrappedRow(row: { pid: string; key: Buffer; master_id: string }, keys: ReceiptKeys): object {
  const personKey = keys.unwrap({ bytes: row.key, masterId: row.master_id }, row.pid)
  if (personKey === null) throw new CodedFailure('RECEIPT_UNREADABLE', 'the key of a person')
  const { bytes, masterId } = keys.wrap(personKey, row.pid)
  return { pid: row.pid, was: row.key.toString('base64'), key: bytes.toString('base64'), masterId }
}

/** Everybody whose receipts can be read, a page at a time. */
export async function* readPids(db: Kysely<unknown>): AsyncGenerator<string> {
  let after = ''
  for (;;) {
    const { rows } = await sql<{ pid: string }>`
      select pid from person where pid > ${after} and key is not null order by pid limit ${PAGE}`.execute(db)
    for (const { pid } of rows) yield pid
    if (rows.length < PAGE) return
    after = rows.at(-1)?.pid ?? ''
  }
}

/** Takes the room of rows that are no more, and what stood there: a destroyed key, what an erased person said. */
export async function vacuum(admin: Kysely<unknown>): Promise<void> {
  await sql`vacuum consent.person, consent.head, consent.change`.execute(admin)
}
