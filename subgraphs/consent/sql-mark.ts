import { sql } from 'kysely'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import type { Mark, SubjectEvent } from './receipts/receipt.ts'
import { forge } from './receipts/sealed-chain.ts'
import { writeLinks } from './sql-links.ts'
import { newPerson, readPeople, readTip, writePeople } from './sql-people.ts'
import type { Turn } from './sql-turn.ts'

/** Nothing about the person may be used, or may again; after an erasure nothing happens. */
export async function suppress(
  { db, newest }: Turn,
  { subject, event, at }: { subject: string; event: Exclude<SubjectEvent, 'erased'>; at: number },
  keys: ReceiptKeys,
): Promise<string> {
  const { rows } = await sql<{ erased: boolean }>`
    select destroyed_at is not null as erased from person where pid = ${subject}`.execute(db)
  if (rows[0]?.erased) return String(newest)
  const revision = newest + 1
  const person = (await readPeople(db, [subject], keys)).get(subject) ?? newPerson(subject, keys)
  await writePeople(db, [{ ...person, revision }])
  await sql`update person set suppressed = ${event === 'suppressed'} where pid = ${subject}`.execute(db)
  const mark = { subject, event, at }
  await writeLinks(db, forge([{ revision, mark }], person.tip, { personKey: person.key, keys }))
  await writeMark({ db, newest }, mark)
  return String(revision)
}

/**
 * What the person said becomes unreadable for ever: the key is gone, and what was in clear with it. The id stays, in a
 * row that can no more be changed, so that the person stays erased and no key is made for them again.
 */
export async function erase(
  { db, newest }: Turn,
  { subject, at }: { subject: string; at: number },
  keys: ReceiptKeys,
): Promise<string> {
  const revision = newest + 1
  const tip = await readTip(db, subject)
  const { rows } = await sql`
    insert into person (pid, chain, destroyed_at, revision)
    values (${subject}, ${tip.chain}::uuid, to_timestamp(${at}::float8 / 1000.0), ${revision})
    on conflict (pid) do update set key = null, master_id = null, suppressed = false,
      destroyed_at = excluded.destroyed_at, revision = excluded.revision
    where person.destroyed_at is null
    returning 1`.execute(db)
  if (rows.length === 0) return String(newest)
  await sql`delete from head where subject = ${subject}`.execute(db)
  await sql`
    update change set subject = null, consent_id = null, statement = null, scope = null, channel = null,
      region = null, brand = null, status = null, at = null,
      initiator = null, surface = null, expires_at = null
    where subject = ${subject}`.execute(db)
  const mark = { subject, event: 'erased', at } as const
  await writeLinks(db, forge([{ revision, mark }], tip, { personKey: null, keys }))
  await writeMark({ db, newest }, mark)
  return String(revision)
}

async function writeMark({ db, newest }: Turn, { subject, event, at }: Mark): Promise<void> {
  await sql`
    insert into change (revision, is_receipt, subject, status, at, initiator)
    values (${newest + 1}, false, ${subject}, ${event}, to_timestamp(${at}::float8 / 1000.0), 'system')`.execute(
    db,
  )
}
