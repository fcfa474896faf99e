import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { CodedFailure } from '../coded-failure.ts'
import type { ReceiptKeys, Wrapped } from './receipts/receipt-keys.ts'
import { emptyChain, type Tip } from './receipts/sealed-chain.ts'
import { inChunks } from './sql-chunks.ts'
import { SubjectErased } from './store.ts'

/** Whose receipts are written: the key they are sealed with and the end of the chain they go to. */
export interface Person {
  readonly pid: string
  readonly key: Buffer
  readonly wrapped: Wrapped
  readonly tip: Tip
  /** The last write about this person. */
  readonly revision: number
}

export function newPerson(pid: string, keys: ReceiptKeys): Person {
  const key = keys.mint()
  return { pid, key, wrapped: keys.wrap(key, pid), tip: emptyChain(randomUUID()), revision: 0 }
}

interface PersonRow {
  readonly pid: string
  readonly chain: string
  readonly key: Buffer | null
  readonly master_id: string | null
  readonly revision: string
  readonly position: number | null
  readonly hash: Buffer | null
}

/** The end of somebody's chain, erased or not; of somebody who is not known the beginning of a new one. */
export async function readTip(db: Kysely<unknown>, pid: string): Promise<Tip> {
  const { rows } = await sql<Pick<PersonRow, 'chain' | 'position' | 'hash'>>`
    select chain, position, hash from ${withTip} where pid = ${pid}`.execute(db)
  return rows[0] === undefined ? emptyChain(randomUUID()) : tipOf(rows[0])
}

/** Those of them who are known. Throws `SubjectErased` when one is erased, `RECEIPT_UNREADABLE` without their key. */
export async function readPeople(
  db: Kysely<unknown>,
  pids: readonly string[],
  keys: ReceiptKeys,
): Promise<ReadonlyMap<string, Person>> {
  const { rows } = await sql<PersonRow>`
    select pid, chain, key, master_id, person.revision, position, hash
    from ${withTip} where pid = any(${pids}::text[])`.execute(db)
  return new Map(rows.map((row) => [row.pid, toPerson(row, keys)]))
}

function toPerson(row: PersonRow, keys: ReceiptKeys): Person {
  const { pid, key: bytes, master_id: masterId } = row
  if (bytes === null || masterId === null) throw new SubjectErased()
  const wrapped = { bytes, masterId }
  const key = keys.unwrap(wrapped, pid)
  if (key === null) throw new CodedFailure('RECEIPT_UNREADABLE', 'the key of a person')
  return { pid, key, wrapped, tip: tipOf(row), revision: Number(row.revision) }
}

const withTip = sql`person left join lateral (
  select position, hash from receipt where receipt.chain = person.chain order by position desc limit 1
) tip on true`

function tipOf({ chain, position, hash }: Pick<PersonRow, 'chain' | 'position' | 'hash'>): Tip {
  return position === null || hash === null ? emptyChain(chain) : { chain, position, hash }
}

export async function writePeople(db: Kysely<unknown>, people: readonly Person[]): Promise<void> {
  const rows = people.map(({ pid, wrapped: { bytes, masterId }, tip: { chain }, revision }) => {
    return { pid, chain, key: bytes.toString('base64'), masterId, revision }
  })
  await inChunks(rows, (chunk) =>
    sql`
      insert into person (pid, chain, key, master_id, revision)
      select pid, chain, decode(key, 'base64'), "masterId", revision
      from jsonb_to_recordset(${chunk}::jsonb)
        as p(pid text, chain uuid, key text, "masterId" text, revision bigint)
      on conflict (pid) do update set revision = excluded.revision`.execute(db),
  )
}
