import { type Kysely, sql } from 'kysely'
import type { Damage, DamageKind } from './damage.ts'
import { readKeptPeople } from './sql-kept-people.ts'
import type { ReceiptKeys } from './receipt-keys.ts'
import { verifyPerson } from './verify-person.ts'

export interface Verification {
  readonly people: number
  readonly receipts: number
  /** Of those people, how many are erased. */
  readonly erased: number
  /** What was written last; to be kept elsewhere, it tells later whether the end of the store was cut off. */
  readonly newest: number
  readonly damages: readonly Damage[]
}

export interface VerifyOptions {
  readonly keys: ReceiptKeys
  /** One person only; default: everybody, and that nothing is missing between them. */
  readonly pid?: string
  readonly onProgress?: (verified: number, total: number) => void
}

/** Reads everything as it was at one moment, whoever writes meanwhile, and changes nothing. */
export async function verifyReceipts(
  db: Kysely<unknown>,
  { keys, pid, onProgress }: VerifyOptions,
): Promise<Verification> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const { receipts: total, newest } = await counted(transaction)
      const damages: Damage[] = pid === undefined ? [...(await strays(transaction))] : []
      let [people, receipts, erased] = [0, 0, 0]
      for await (const person of readKeptPeople(transaction, pid)) {
        damages.push(...verifyPerson(person, keys))
        people += 1
        receipts += person.links.filter(({ kind }) => kind === 'receipt').length
        if (person.wrapped === null) erased += 1
        onProgress?.(receipts, total)
      }
      return { people, receipts, erased, newest, damages }
    })
}

async function counted(db: Kysely<unknown>): Promise<{ readonly receipts: number; readonly newest: number }> {
  const { rows } = await sql<{ receipts: string; newest: string }>`
    select (select count(*) from change where is_receipt) as receipts, (select coalesce(max(revision), 0) from change) as newest`.execute(
    db,
  )
  return { receipts: Number(rows[0]?.receipts ?? 0), newest: Number(rows[0]?.newest ?? 0) }
}

/** What belongs to nobody, and what is missing between the people. */
async function strays(db: Kysely<unknown>): Promise<readonly Damage[]> {
  const { rows } = await sql<{ kind: DamageKind; revision: string; chain: string | null }>`
    select 'STRAY_RECEIPT' as kind, revision, chain from receipt
      where not exists (select from person where person.chain = receipt.chain)
    union all
    select 'MISSING_RECEIPT', revision, null from change
      where (is_receipt or subject is null) and decision is null
        and not exists (select from receipt where receipt.revision = change.revision)
    union all
    select 'HEAD_DIFFERS', revision, null from head
      where not exists (select from person where pid = subject)
    union all
    select 'CHANGE_DIFFERS', revision, null from change
      where subject is not null and not exists (select from person where pid = subject)
    union all
    select 'MISSING_REVISION', before + 1, null
      from (select revision, lag(revision, 1, 0::bigint) over (order by revision) as before from change) written
      where revision <> before + 1
    order by revision`.execute(db)
  return rows.map(({ revision, ...row }) => ({ ...row, revision: Number(revision) }))
}
