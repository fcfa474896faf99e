import { type Kysely, sql } from 'kysely'
import type { ReceiptStatus } from './receipt.ts'
import type { KeptChange, KeptLink, KeptPerson } from './verify-person.ts'

/** How many people are read at a time. */
const PAGE = 200

/** Everybody with all that is kept of them, or one person; a page at a time, so that any number fits. */
export async function* readKeptPeople(db: Kysely<unknown>, pid?: string): AsyncGenerator<KeptPerson> {
  let after = ''
  for (;;) {
    const { rows } = await sql<PersonRow>`
      select pid, chain, key, master_id, suppressed, destroyed_at, revision,
      case when destroyed_at is null then heads is not distinct from heads_of(pid) else heads is null end as is_at_hand
    from person
      where ${pid === undefined ? sql`pid > ${after}` : sql`pid = ${pid}`} order by pid limit ${PAGE}`.execute(
      db,
    )
    yield* await withAll(db, rows)
    after = rows.at(-1)?.pid ?? ''
    if (pid !== undefined || rows.length < PAGE) return
  }
}

interface PersonRow {
  readonly pid: string
  readonly chain: string
  readonly key: Buffer | null
  readonly master_id: string | null
  readonly suppressed: boolean
  readonly destroyed_at: Date | null
  readonly revision: string
  readonly is_at_hand: boolean
}

async function withAll(db: Kysely<unknown>, people: readonly PersonRow[]): Promise<readonly KeptPerson[]> {
  const pids = people.map(({ pid }) => pid)
  const links = await readLinks(
    db,
    people.map(({ chain }) => chain),
  )
  const heads = await readHeads(db, pids)
  const changes = await readToldChanges(db, pids)
  return people.map(
    ({ key, master_id: masterId, destroyed_at: destroyedAt, is_at_hand: isAtHand, ...row }) => ({
      ...row,
      wrapped: key === null || masterId === null ? null : { bytes: key, masterId },
      destroyedAt: destroyedAt?.getTime() ?? null,
      revision: Number(row.revision),
      links: links.get(row.chain) ?? [],
      heads: heads.get(row.pid) ?? [],
      changes: changes.get(row.pid) ?? [],
      isAtHand,
    }),
  )
}

interface LinkRow {
  readonly chain: string
  readonly position: number
  readonly revision: string
  readonly sealed: Buffer
  readonly previous: Buffer
  readonly hash: Buffer
  readonly signature: Buffer | null
  readonly signer_id: string | null
  /** Null: not told at all. */
  readonly is_receipt: boolean | null
}

async function readLinks(
  db: Kysely<unknown>,
  chains: readonly string[],
): Promise<ReadonlyMap<string, KeptLink[]>> {
  const { rows } = await sql<LinkRow>`
    select chain, position, revision, sealed, previous, hash, signature, signer_id, is_receipt
    from receipt left join change using (revision) where chain = any(${chains}::uuid[]) order by chain, position`.execute(
    db,
  )
  return grouped(rows, 'chain', ({ signature, signer_id: signerId, is_receipt: isReceipt, ...row }) => ({
    ...row,
    kind: isReceipt === false ? 'mark' : 'receipt',
    revision: Number(row.revision),
    signature: signature === null || signerId === null ? null : { bytes: signature, signerId },
    isTold: isReceipt !== null,
  }))
}

interface HeadRow {
  readonly subject: string
  readonly scope: string
  readonly channel: string
  readonly region: string
  readonly brand: string
  readonly consent_id: string
  readonly status: ReceiptStatus
  readonly at: Date
  readonly expires_at: Date | null
  readonly version: number
  readonly revision: string
}

async function readHeads(
  db: Kysely<unknown>,
  pids: readonly string[],
): Promise<ReadonlyMap<string, KeptPerson['heads'][number][]>> {
  const { rows } = await sql<HeadRow>`select * from head where subject = any(${pids}::text[])`.execute(db)
  return grouped(rows, 'subject', ({ consent_id: consentId, expires_at: expiresAt, ...row }) => ({
    ...row,
    channel: row.channel || null,
    region: row.region || null,
    brand: row.brand || null,
    consentId,
    at: row.at.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    revision: Number(row.revision),
  }))
}

interface ChangeRow extends Omit<KeptChange, 'revision' | 'isReceipt' | 'consentId' | 'at' | 'expiresAt'> {
  readonly subject: string
  readonly revision: string
  readonly is_receipt: boolean
  readonly consent_id: string | null
  readonly at: Date | null
  readonly expires_at: Date | null
}

async function readToldChanges(
  db: Kysely<unknown>,
  pids: readonly string[],
): Promise<ReadonlyMap<string, KeptChange[]>> {
  const { rows } = await sql<ChangeRow>`
    select * from change where subject = any(${pids}::text[]) order by revision`.execute(db)
  return grouped(
    rows,
    'subject',
    ({ is_receipt: isReceipt, consent_id: consentId, expires_at: expiresAt, ...row }) => ({
      ...row,
      revision: Number(row.revision),
      isReceipt,
      consentId,
      at: row.at?.getTime() ?? null,
      expiresAt: expiresAt?.getTime() ?? null,
    }),
  )
}

function grouped<K extends string, R extends Readonly<Record<K, string>>, T>(
  rows: readonly R[],
  by: K,
  toMember: (row: R) => T,
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row[by])
    if (group) group.push(toMember(row))
    else groups.set(row[by], [toMember(row)])
  }
  return groups
}
