import { type Kysely, sql } from 'kysely'
import type { ReceiptKeys } from '../receipts/receipt-keys.ts'
import { inChunks } from '../sql-chunks.ts'
import { newPerson, writePeople } from '../sql-people.ts'
import type { Turn } from '../sql-turn.ts'
import { isBefore } from '../leases/lease-store.ts'
import { componentsOf, type Link, type TakenLink, type Unlink } from './link.ts'
import {
  EMPTY_LINK_LOG,
  forgeLinks,
  readEntry,
  replayed,
  type LinkEntry,
  type LinkLogLink,
  type LinkLogTip,
} from './link-log.ts'
import { addedBy, refuseTooMany } from './memory-links.ts'
import { readTakenLinks } from './sql-link-reads.ts'

/** Writes the links that are new, each as a write about each of its pids. */
export async function writeLinks(
  turn: Turn,
  { links, takenAt }: { readonly links: readonly Link[]; readonly takenAt: number },
  keys: ReceiptKeys,
): Promise<readonly TakenLink[]> {
  const asked = links.map(({ decisionId }) => decisionId)
  const added = addedBy(links, await readTakenLinks(turn.db, asked))
  const entries = withRevisions(
    added.map((link) => ({ ...link, event: 'linked', takenAt })),
    turn.newest,
  )
  await writeEntries(turn, entries, keys)
  await putLinks(turn.db, entries)
  await placeComponents(turn.db, entries)
  return inOrder(asked, await readTakenLinks(turn.db, asked))
}

/** Writes the ends that are new; of a link that never was, so that it never will be. */
export async function undoLinks(
  turn: Turn,
  { undone, takenAt }: { readonly undone: readonly Unlink[]; readonly takenAt: number },
  keys: ReceiptKeys,
): Promise<readonly TakenLink[]> {
  const asked = [...new Set(undone.map(({ decisionId }) => decisionId))]
  const known = await readTakenLinks(turn.db, asked)
  const ends = new Map(undone.map((end) => [end.decisionId, end]))
  const open = [...ends.values()].filter(({ decisionId }) => (known.get(decisionId)?.undone ?? null) === null)
  const entries = withRevisions(
    open.map((end) => {
      const { pids = [], kind = 'merged' } = known.get(end.decisionId) ?? {}
      return { ...end, pids, kind, event: 'unlinked', takenAt }
    }),
    turn.newest,
  )
  await writeEntries(turn, entries, keys)
  await endLinks(turn.db, entries)
  await placeComponents(turn.db, entries)
  return inOrder(asked, await readTakenLinks(turn.db, asked))
}

/** Makes what decisions read again from the log, while writers wait; answers how many links are in force. */
export async function rebuildLinks({ db }: Turn): Promise<number> {
  const { rows } = await sql<{ entry: string }>`select entry from link_log order by position`.execute(db)
  const links = [...replayed(rows.flatMap((row) => readEntry(row) ?? [])).values()]
  await sql`delete from linked`.execute(db)
  await sql`delete from link`.execute(db)
  await putTaken(db, links)
  await placeComponents(
    db,
    links.filter(({ undone }) => undone === null),
  )
  return links.filter(({ undone }) => undone === null).length
}

function withRevisions(
  entries: readonly Omit<LinkEntry, 'revisions'>[],
  newest: number,
): readonly LinkEntry[] {
  let revision = newest
  return entries.map((entry) => {
    const writes = Math.max(1, entry.pids.length)
    const revisions = Array.from({ length: writes }, () => String((revision += 1)))
    return { ...entry, revisions }
  })
}

/** The log, what is told of it, and who it is about. */
async function writeEntries(
  { db }: Pick<Turn, 'db'>,
  entries: readonly LinkEntry[],
  keys: ReceiptKeys,
): Promise<void> {
  if (entries.length === 0) return
  await appendToLog(db, forgeLinks(entries, await readTip(db), keys))
  const erased = await readErased(
    db,
    entries.flatMap(({ pids }) => pids),
  )
  const told = entries.flatMap(({ event, decisionId, pids, takenAt, revisions }) =>
    revisions.map((revision, index) => {
      const pid = pids[index]
      // Of an erased person nothing but the erasure is told; that there was a write is kept.
      const isAboutSomebody = pid !== undefined && !erased.has(pid)
      const about = { subject: pid, status: event, at: takenAt, initiator: 'system' }
      return { revision, decision: decisionId, ...(isAboutSomebody ? about : NOBODY) }
    }),
  )
  await inChunks(told, (chunk) =>
    sql`
      insert into change (revision, is_receipt, subject, status, at, initiator, decision)
      select revision, false, subject, status, to_timestamp(at / 1000.0), initiator, decision
      from jsonb_to_recordset(${chunk}::jsonb) as c(revision bigint, subject text, status text, at float8,
        initiator text, decision text)`.execute(db),
  )
  const last = new Map<string, number>()
  for (const { subject, revision } of told) if (subject !== undefined) last.set(subject, Number(revision))
  const people = [...last].map(([pid, revision]) => ({ ...newPerson(pid, keys), revision }))
  await writePeople(db, people)
}

const NOBODY = { subject: undefined }

async function readErased(db: Kysely<unknown>, pids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ pid: string }>`
    select pid from person where pid = any(${pids}::text[]) and destroyed_at is not null`.execute(db)
  return new Set(rows.map(({ pid }) => pid))
}

async function readTip(db: Kysely<unknown>): Promise<LinkLogTip> {
  const { rows } = await sql<{ position: string; hash: Buffer }>`
    select position, hash from link_log order by position desc limit 1`.execute(db)
  const [tip] = rows
  return tip === undefined ? EMPTY_LINK_LOG : { position: Number(tip.position), hash: tip.hash }
}

async function appendToLog(db: Kysely<unknown>, links: readonly LinkLogLink[]): Promise<void> {
  const rows = links.map(({ position, entry, previous, hash, signature }) => ({
    position,
    entry,
    previous: previous.toString('base64'),
    hash: hash.toString('base64'),
    signature: signature?.bytes.toString('base64'),
    signer: signature?.signerId,
  }))
  await inChunks(rows, (chunk) =>
    sql`
      insert into link_log (position, entry, previous, hash, signature, signer_id)
      select position, entry, decode(previous, 'base64'), decode(hash, 'base64'), decode(signature, 'base64'), signer
      from jsonb_to_recordset(${chunk}::jsonb) as l(position bigint, entry text, previous text, hash text,
        signature text, signer text)`.execute(db),
  )
}

function putLinks(db: Kysely<unknown>, entries: readonly LinkEntry[]): Promise<void> {
  return putTaken(db, [...replayed(entries).values()])
}

async function putTaken(db: Kysely<unknown>, links: readonly TakenLink[]): Promise<void> {
  await inChunks(links, (chunk) =>
    sql`
      insert into link (decision, kind, pids, at, by, taken_at, revision, undone)
      select "decisionId", kind, array(select jsonb_array_elements_text(pids)), to_timestamp(at / 1000.0), by,
        to_timestamp("takenAt" / 1000.0), revision, undone
      from jsonb_to_recordset(${chunk}::jsonb) as l("decisionId" text, kind text, pids jsonb, at float8, by text,
        "takenAt" float8, revision bigint, undone bigint)`.execute(db),
  )
}

async function endLinks(db: Kysely<unknown>, entries: readonly LinkEntry[]): Promise<void> {
  await putLinks(
    db,
    entries.filter(({ pids }) => pids.length === 0),
  )
  const rows = entries
    .filter(({ pids }) => pids.length > 0)
    .map(({ decisionId, revisions }) => ({ decision: decisionId, undone: revisions.at(-1) }))
  await inChunks(rows, (chunk) =>
    sql`
      update link set undone = ended.undone, component = null
      from jsonb_to_recordset(${chunk}::jsonb) as ended(decision text, undone bigint)
      where link.decision = ended.decision`.execute(db),
  )
}

/** Works out anew who is one person with whom, of all that these links reach, before and after. */
async function placeComponents(
  db: Kysely<unknown>,
  entries: readonly Pick<Link, 'decisionId' | 'pids'>[],
): Promise<void> {
  const pids = entries.flatMap((entry) => entry.pids)
  if (pids.length === 0) return
  const { rows: touched } = await sql<{ component: string }>`
    delete from linked where component in (select component from linked where pid = any(${pids}::text[]))
    returning component`.execute(db)
  const { rows: links } = await sql<{ decision: string; pids: readonly string[]; revision: string }>`
    select decision, pids, revision from link
    where undone is null and (component = any(${[...new Set(touched.map(({ component }) => component))]}::bigint[])
      or decision = any(${entries.map(({ decisionId }) => decisionId)}::text[]))`.execute(db)
  const components = componentsOf(links)
  refuseTooMany(components)
  const placed = components.map((component) => ({
    component: oldest(component.links),
    pids: component.pids,
    decisions: component.links.map(({ decision }) => decision),
  }))
  await inChunks(placed, (chunk) =>
    sql`
      with placed as (
        select component, pids, decisions
        from jsonb_to_recordset(${chunk}::jsonb) as p(component bigint, pids jsonb, decisions jsonb)
      ), reached as (
        insert into linked (pid, component) select jsonb_array_elements_text(pids), component from placed
      ), ours as (select jsonb_array_elements_text(decisions) as decision, component from placed)
      update link set component = ours.component from ours where link.decision = ours.decision`.execute(db),
  )
}

/** No two components have the same: a link is in one of them. */
function oldest(links: readonly { readonly revision: string }[]): string {
  return links.reduce(
    (first, { revision }) => (isBefore(revision, first) ? revision : first),
    links[0]?.revision ?? '0',
  )
}

function inOrder(
  decisionIds: readonly string[],
  links: ReadonlyMap<string, TakenLink>,
): readonly TakenLink[] {
  return decisionIds.flatMap((decisionId) => links.get(decisionId) ?? [])
}
