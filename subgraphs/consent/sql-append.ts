import { type Kysely, sql } from 'kysely'
import { isLinkedWordNewer } from './links/sql-link-reads.ts'
import { initiatorOf } from './receipts/initiator.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Receipt } from './receipts/receipt.ts'
import { forge, type Link } from './receipts/sealed-chain.ts'
import { inChunks } from './sql-chunks.ts'
import { moveHeads } from './sql-heads.ts'
import { writeLinks } from './sql-links.ts'
import { newPerson, type Person, readPeople, writePeople } from './sql-people.ts'
import { readReceipts } from './sql-reads.ts'
import type { Turn } from './sql-turn.ts'
import { ReceiptConflict, type Revision, type Written } from './store.ts'

/** What is written, and of which revision who writes has seen what was said. */
interface Appending {
  readonly receipts: readonly Receipt[]
  readonly asOf: Revision | undefined
}

export async function appendReceipts(
  { db, newest }: Turn,
  { receipts, asOf }: Appending,
  keys: ReceiptKeys,
): Promise<Written> {
  const subjects = receipts.map(({ subject }) => subject)
  if (asOf !== undefined && (await isLinkedWordNewer(db, subjects, asOf))) throw new ReceiptConflict()
  const known = await readReceipts(db, { statements: receipts }, keys)
  const knownStatements = new Set(known.map(statementKey))
  const added = receipts.filter((receipt) => !knownStatements.has(statementKey(receipt)))
  const revised = added.map((receipt, index) => ({ receipt, revision: newest + 1 + index }))
  const { links, people } = await forged(db, revised, keys)
  await moveHeads(db, revised)
  await writePeople(db, people)
  await writeLinks(db, links)
  await writeChanges(db, revised)
  return { revision: String(newest + added.length), receipts: [...known, ...added] }
}

function statementKey({ subject, statement }: Receipt): string {
  return JSON.stringify([subject, statement])
}

interface Revised {
  readonly receipt: Receipt
  readonly revision: number
}

async function forged(
  db: Kysely<unknown>,
  revised: readonly Revised[],
  keys: ReceiptKeys,
): Promise<{ readonly links: readonly Link[]; readonly people: readonly Person[] }> {
  const saidBy = new Map<string, Revised[]>()
  for (const one of revised) {
    const said = saidBy.get(one.receipt.subject)
    if (said) said.push(one)
    else saidBy.set(one.receipt.subject, [one])
  }
  const known = await readPeople(db, [...saidBy.keys()], keys)
  const links: Link[] = []
  const people: Person[] = []
  for (const [pid, said] of saidBy) {
    const person = known.get(pid) ?? newPerson(pid, keys)
    links.push(...forge(said, person.tip, { personKey: person.key, keys }))
    people.push({ ...person, revision: said.at(-1)?.revision ?? person.revision })
  }
  return { links, people }
}

async function writeChanges(db: Kysely<unknown>, revised: readonly Revised[]): Promise<void> {
  const rows = revised.map(({ receipt, revision }) => {
    const { subject, consentId, statement, scope, channel, region, brand, status, at, expiresAt, surface } =
      receipt
    const initiator = initiatorOf(receipt)
    const chain = { subject, scope, channel, region, brand }
    return { revision, ...chain, consentId, statement, status, at, expiresAt, surface, initiator }
  })
  try {
    await inChunks(rows, (chunk) =>
      sql`
        insert into change
          (revision, is_receipt, subject, consent_id, statement, scope, channel, region, brand, status, at,
            expires_at, surface, initiator)
        select revision, true, subject, "consentId", statement, scope, channel, region, brand, status,
          to_timestamp(at / 1000.0), to_timestamp("expiresAt" / 1000.0), surface, initiator
        from jsonb_to_recordset(${chunk}::jsonb) as c(revision bigint, subject text, "consentId" text,
          statement text, scope text, channel text, region text, brand text, status text, at float8,
          "expiresAt" float8, surface text, initiator text)`.execute(db),
    )
  } catch (error) {
    // The id of the receipt is taken.
    throw (error as { code?: string }).code === '23505' ? new ReceiptConflict() : error
  }
}
