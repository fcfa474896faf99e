import { isBefore } from '../leases/lease-store.ts'
import { joinedTo, type LinkKind } from '../links/link.ts'
import type { Block, Receipt } from '../receipts/receipt.ts'
import type { Change, ConsentStore, LinkedHead, Revision } from '../store.ts'

/** Everything that was written about some people, and about whoever was ever linked to them. */
export interface Past {
  readonly people: ReadonlyMap<string, PastPerson>
  readonly links: readonly PastLink[]
  /** Of receipts, by id. */
  readonly receipts: ReadonlyMap<string, { readonly revision: Revision; readonly at: number }>
}

export interface PastPerson {
  /** Oldest first. */
  readonly words: readonly LinkedHead[]
  /** That the person as a whole was blocked, or was not any more; oldest first. */
  readonly blocks: readonly { readonly at: number; readonly kind: Block | null }[]
}

export interface PastLink {
  readonly pids: readonly string[]
  readonly kind: LinkKind
  readonly takenAt: number
  readonly revision: Revision
  readonly undoneAt: number | null
}

type Store = Pick<ConsentStore, 'changesAfter' | 'history'>

const PAGE = 5_000

/** Reads the log once, whoever is asked about, and then the receipts of those it is about. */
export async function readPast(store: Store, pids: ReadonlySet<string>, upTo: Revision): Promise<Past> {
  const changes = new Map<string, Change[]>()
  const links = new Map<string, PastLink>()
  for await (const change of changesOf(store, upTo)) {
    if (change.link !== undefined) {
      const link = linkAfter(links.get(change.link.decisionId), change)
      if (link !== null) links.set(change.link.decisionId, link)
    } else {
      const others = changes.get(change.subject)
      if (others) others.push(change)
      else changes.set(change.subject, [change])
    }
  }
  const all = [...links.values()]
  const wanted = new Set([...pids].flatMap((pid) => [...joinedTo(pid, all)]))
  const people = new Map<string, PastPerson>()
  const receipts = new Map<string, { readonly revision: Revision; readonly at: number }>()
  for (const pid of wanted) {
    // oxlint-disable-next-line no-await-in-loop -- one connection, one person after the other
    const person = personOf(changes.get(pid) ?? [], await store.history(pid))
    people.set(pid, person)
    for (const { consentId, revision, at } of person.words) receipts.set(consentId, { revision, at })
  }
  return { people, links: all, receipts }
}

async function* changesOf(store: Store, upTo: Revision): AsyncGenerator<Change> {
  let after: Revision = '0'
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await store.changesAfter(after, PAGE)
    for (const change of page) {
      if (isBefore(upTo, change.revision)) return
      yield change
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.revision
  }
}

/** A link is a write about each of its pids; the last one is what it is known by. */
function linkAfter(known: PastLink | undefined, { status, at, revision, link }: Change): PastLink | null {
  if (link === undefined || link.pids.length === 0) return null
  if (status === 'unlinked') return known === undefined ? null : { ...known, undoneAt: known.undoneAt ?? at }
  const { pids, kind } = link
  return { pids, kind, takenAt: known?.takenAt ?? at, revision, undoneAt: null }
}

/** The log says at which revision each receipt was written; of who was erased since there are none. */
function personOf(changes: readonly Change[], receipts: readonly Receipt[]): PastPerson {
  const written = changes.filter(({ scope }) => scope !== null)
  const words =
    receipts.length < written.length
      ? []
      : written.map(({ revision }, index) => wordOf(receipts[index], revision))
  const blocks = changes
    .filter(({ scope }) => scope === null)
    .map(({ status, at, recordedAt }) =>
      status === 'suppressed' || status === 'erased'
        ? { at: Math.min(at, recordedAt), kind: status }
        : { at: Math.max(at, recordedAt), kind: null },
    )
  return { words: words.filter((word) => word !== null), blocks }
}

function wordOf(receipt: Receipt | undefined, revision: Revision): LinkedHead | null {
  if (receipt === undefined) return null
  const { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version } = receipt
  return { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version, revision }
}
