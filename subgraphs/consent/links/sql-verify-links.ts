import { type Kysely, sql } from 'kysely'
import type { Damage, DamageKind } from '../receipts/damage.ts'
import type { ReceiptKeys } from '../receipts/receipt-keys.ts'
import { componentsOf, type TakenLink } from './link.ts'
import {
  EMPTY_LINK_LOG,
  type LinkEntry,
  linkHashOf,
  type LinkLogLink,
  readEntry,
  replayed,
} from './link-log.ts'
import { readTakenLinks } from './sql-link-reads.ts'

/** Every damage to the links between pids: of their log, of what was told of it, and of what decisions read. */
export async function verifyLinks(db: Kysely<unknown>, keys: ReceiptKeys): Promise<readonly Damage[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const damages: Damage[] = []
      const report: Report = (kind, revision) =>
        void damages.push({ kind, revision: revision === null ? null : Number(revision), chain: null })
      const entries = verifyLog(await readLog(transaction), keys, report)
      verifyTold(entries, await readTold(transaction), report)
      const links = replayed(entries)
      verifyInUse(links, await readTakenLinks(transaction, null), report)
      verifyPlaces(links, await readPlaces(transaction), report)
      return damages
    })
}

type Report = (kind: DamageKind, revision: string | null) => void

function verifyLog(log: readonly LinkLogLink[], keys: ReceiptKeys, report: Report): readonly LinkEntry[] {
  let before = EMPTY_LINK_LOG
  for (const link of log) {
    const revision = readEntry(link)?.revisions[0] ?? null
    if (link.position !== before.position + 1) report('LINK_MISSING', revision)
    else if (!isWhole(link, keys) || !link.previous.equals(before.hash) || revision === null)
      report('LINK_ALTERED', revision)
    before = link
  }
  const entries = log.flatMap((link) => readEntry(link) ?? [])
  const last = log.at(-1)
  if (last !== undefined && last.signature === null)
    report('LINK_MISSING', entries.at(-1)?.revisions.at(-1) ?? null)
  return entries
}

function isWhole(link: LinkLogLink, keys: ReceiptKeys): boolean {
  const { hash, signature } = link
  return linkHashOf(link).equals(hash) && (signature === null || keys.verify(hash, signature))
}

/** A write that was told of an entry. Of who was erased only that there was one. */
interface ToldRow {
  readonly revision: string
  readonly decision: string | null
  readonly subject: string | null
  readonly status: string | null
  readonly at: Date | null
  readonly is_receipt: boolean
}

function verifyTold(entries: readonly LinkEntry[], told: readonly ToldRow[], report: Report): void {
  const rows = new Map(told.map((row) => [row.revision, row]))
  for (const entry of entries)
    entry.revisions.forEach((revision, index) => {
      const row = rows.get(revision)
      rows.delete(revision)
      if (row === undefined || !isToldAs(row, entry, entry.pids[index])) report('CHANGE_DIFFERS', revision)
    })
  for (const revision of rows.keys()) report('LINK_MISSING', revision)
}

function isToldAs(row: ToldRow, { decisionId, event, takenAt }: LinkEntry, pid: string | undefined): boolean {
  if (row.decision !== decisionId || row.is_receipt) return false
  if (row.subject === null) return row.status === null && row.at === null
  return row.subject === pid && row.status === event && row.at?.getTime() === takenAt
}

function verifyInUse(
  links: ReadonlyMap<string, TakenLink>,
  inUse: ReadonlyMap<string, TakenLink>,
  report: Report,
): void {
  for (const decisionId of new Set([...links.keys(), ...inUse.keys()])) {
    const [link, used] = [links.get(decisionId), inUse.get(decisionId)]
    if (link === undefined || used === undefined || textOf(link) !== textOf(used))
      report('LINK_DIFFERS', (link ?? used)?.revision ?? null)
  }
}

function textOf({ decisionId, kind, pids, at, by, takenAt, revision, undone }: TakenLink): string {
  return JSON.stringify([decisionId, kind, pids, at, by, takenAt, revision, undone])
}

interface Place {
  readonly pid: string
  readonly component: string
}

/** Whoever is one person has the same component, and nobody else has it. */
function verifyPlaces(links: ReadonlyMap<string, TakenLink>, places: readonly Place[], report: Report): void {
  const placed = new Map(places.map(({ pid, component }) => [pid, component]))
  const counts = new Map<string, number>()
  for (const { component } of places) counts.set(component, (counts.get(component) ?? 0) + 1)
  for (const component of componentsOf([...links.values()].filter(({ undone }) => undone === null))) {
    const found = new Set(component.pids.map((pid) => placed.get(pid)))
    const [one] = found
    if (found.size !== 1 || counts.get(one ?? '') !== component.pids.length)
      report('LINK_DIFFERS', component.links[0]?.revision ?? null)
    for (const pid of component.pids) placed.delete(pid)
  }
  if (placed.size > 0) report('LINK_DIFFERS', null)
}

async function readLog(db: Kysely<unknown>): Promise<readonly LinkLogLink[]> {
  const { rows } = await sql<LogRow>`
    select position, entry, previous, hash, signature, signer_id from link_log order by position`.execute(db)
  return rows.map(({ position, signature, signer_id: signerId, ...row }) => ({
    ...row,
    position: Number(position),
    signature: signature === null || signerId === null ? null : { bytes: signature, signerId },
  }))
}

interface LogRow extends Omit<LinkLogLink, 'position' | 'signature'> {
  readonly position: string
  readonly signature: Buffer | null
  readonly signer_id: string | null
}

async function readTold(db: Kysely<unknown>): Promise<readonly ToldRow[]> {
  const { rows } = await sql<ToldRow>`
    select revision, decision, subject, status, at, is_receipt from change
    where decision is not null or status in ('linked', 'unlinked') order by revision`.execute(db)
  return rows
}

async function readPlaces(db: Kysely<unknown>): Promise<readonly Place[]> {
  const { rows } = await sql<Place>`select pid, component from linked`.execute(db)
  return rows
}
