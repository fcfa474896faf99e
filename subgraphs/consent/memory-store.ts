import type { TakenLink } from './links/link.ts'
import { isBefore } from './leases/lease-store.ts'
import { createMemoryLinks, isWithin, type MemoryLinks, type WriteLinkEvent } from './links/memory-links.ts'
import { type Held, isTold, type Kept, newHeld, ofSameStatement, recordsOf, saidIn } from './memory-people.ts'
import { initiatorOf } from './receipts/initiator.ts'
import { chainKey, type Receipt, type SubjectEvent } from './receipts/receipt.ts'
import {
  basisOf,
  type Change,
  type Concerned,
  type ConsentStore,
  type LinkEvent,
  ReceiptConflict,
  type Revision,
  type Said,
  SubjectErased,
} from './store.ts'

/** Receipts in this process's memory, gone when it ends. For tests and for trying things out. */
export function createMemoryConsentStore(clock: () => number = Date.now): ConsentStore {
  const links = createMemoryLinks()
  const kept: Kept = { log: [], people: new Map(), byId: new Map(), revisions: new Map(), clock, links }
  const listeners = new Set<() => void>()
  const wake = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    ...reads(kept),
    ...writes(kept, wake),
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

type Writes = 'append' | 'mark' | 'link' | 'unlink'

function reads(kept: Kept): Omit<ConsentStore, Writes | 'onWrite'> {
  const { log, people, byId, links } = kept
  const newest = (): string => String(log.length)
  const changesAfter = (revision: Revision, limit: number): readonly Change[] =>
    log
      .slice(Number(revision))
      .filter(({ subject, status }) => isTold(status, people.get(subject)))
      .slice(0, limit)
  return {
    records: async (subjects) => recordsOf(subjects, kept),
    recordsAt: async (subjects) => ({ revision: newest(), records: recordsOf(subjects, kept) }),
    history: async (subject) => [...(people.get(subject)?.said ?? [])],
    receipt: async (consentId) => byId.get(consentId),
    bases: async (consentIds) =>
      new Map(
        [...new Set(consentIds)].flatMap((id) => {
          const receipt = byId.get(id)
          return receipt === undefined ? [] : [[id, basisOf(receipt, kept.revisions.get(id) ?? '0')] as const]
        }),
      ),
    said: async (statements) =>
      statements.flatMap((statement) => ofSameStatement(statement, people)).map(saidIn),
    saidWhileLinked: async (decisionId) => saidWhileLinked(decisionId, kept),
    changesAfter: async (revision, limit) => changesAfter(revision, limit),
    concernedAfter: async (revision, limit) => concerned(changesAfter(revision, limit), links),
    revisionOf: async (consentId) => (byId.has(consentId) ? kept.revisions.get(consentId) : undefined),
    revision: async () => newest(),
  }
}

function writes(kept: Kept, wake: () => void): Pick<ConsentStore, Writes> {
  const { log, links } = kept
  const newest = (): string => String(log.length)
  const writeEvent: WriteLinkEvent = (pid, event, link) => writeLinkEvent({ pid, event, link }, kept)
  return {
    async append(receipts, asOf) {
      if (asOf !== undefined) refuseUnseen(receipts, asOf, kept)
      const written = add(receipts, kept)
      wake()
      return { revision: newest(), receipts: written }
    },
    async mark(subject, event, at) {
      mark({ subject, event, at }, kept)
      wake()
      return newest()
    },
    async link(asked, takenAt) {
      const taken = links.take(asked, takenAt, writeEvent)
      wake()
      return taken
    },
    async unlink(undone, takenAt) {
      const taken = links.undo(undone, takenAt, writeEvent)
      wake()
      return taken
    },
  }
}

function add(receipts: readonly Receipt[], kept: Kept): readonly Receipt[] {
  const { people, byId } = kept
  const known = new Set(receipts.flatMap((receipt) => ofSameStatement(receipt, people)))
  const added = receipts.filter((receipt) => ofSameStatement(receipt, people).length === 0)
  if (added.some(({ subject }) => people.get(subject)?.blocked === 'erased')) throw new SubjectErased()
  const isTaken = added.some(({ consentId }) => byId.has(consentId))
  if (isTaken || !followOn(added, people)) throw new ReceiptConflict()
  for (const receipt of added) {
    const { subject, scope, channel, region, brand, status, at, expiresAt, surface } = receipt
    const initiator = initiatorOf(receipt)
    const chain = { subject, scope, channel, region, brand }
    const held = record({ ...chain, status, at, expiresAt, surface, initiator }, kept)
    kept.revisions.set(receipt.consentId, held.revision)
    held.said.push(receipt)
    held.byStatement.set(receipt.statement, [...ofSameStatement(receipt, people), receipt])
    held.heads.set(chainKey(receipt), receipt)
    byId.set(receipt.consentId, receipt)
  }
  return [...known, ...added]
}

/** Whether each receipt is the next of its chain, the others of the batch counted. */
function followOn(receipts: readonly Receipt[], people: ReadonlyMap<string, Held>): boolean {
  const heads = new Map<string, Receipt>()
  return receipts.every((receipt) => {
    const key = chainKey(receipt)
    const head = heads.get(key) ?? people.get(receipt.subject)?.heads.get(key)
    heads.set(key, receipt)
    return receipt.version === (head?.version ?? 0) + 1 && receipt.predecessor === (head?.consentId ?? null)
  })
}

function record(change: Omit<Change, 'revision' | 'recordedAt'>, { log, people, clock }: Kept): Held {
  const revision = String(log.length + 1)
  log.push({ ...change, revision, recordedAt: clock() })
  const held = people.get(change.subject) ?? newHeld(revision)
  held.revision = revision
  people.set(change.subject, held)
  return held
}

/** Who is linked to them may have said no meanwhile, and that must not be undone unseen. */
function refuseUnseen(receipts: readonly Receipt[], asOf: Revision, { people, links }: Kept): void {
  for (const { subject } of receipts)
    for (const pid of links.joined(subject))
      if (isBefore(asOf, people.get(pid)?.revision ?? '0')) throw new ReceiptConflict()
}

function concerned(changes: readonly Change[], links: MemoryLinks): readonly Concerned[] {
  return changes.flatMap(({ revision, subject }) =>
    [...links.joined(subject)].map((pid) => ({ revision, subject: pid })),
  )
}

function saidWhileLinked(decisionId: string, { people, links, revisions }: Kept): readonly Said[] {
  const link = links.get(decisionId)
  const pids = new Set(link?.pids.flatMap((pid) => [...links.joined(pid)]))
  const said = [...pids].flatMap((pid) => people.get(pid)?.said ?? [])
  const revisionOf = ({ consentId }: Receipt): Revision => revisions.get(consentId) ?? '0'
  return said
    .filter((receipt) => link !== undefined && isWithin(revisionOf(receipt), link))
    .toSorted((one, other) => Number(revisionOf(one)) - Number(revisionOf(other)))
    .map(saidIn)
}

interface LinkWrite {
  readonly pid: string
  readonly event: LinkEvent
  readonly link: TakenLink
}

/** Nobody is told of what happens to somebody who was erased. */
function writeLinkEvent({ pid, event, link }: LinkWrite, kept: Kept): Revision {
  const { decisionId, pids, kind } = link
  const change = {
    ...ANYWHERE,
    subject: pid,
    status: event,
    at: link.takenAt,
    link: { decisionId, pids, kind },
  }
  const held = kept.people.get(pid)
  if (pid !== '' && held?.blocked !== 'erased') return record(change, kept).revision
  const revision = String(kept.log.length + 1)
  kept.log.push({ ...change, revision, recordedAt: kept.clock() })
  return revision
}

const ANYWHERE = {
  scope: null,
  channel: null,
  region: null,
  brand: null,
  expiresAt: null,
  surface: null,
  initiator: 'system',
} as const

function mark(
  { subject, event, at }: { readonly subject: string; readonly event: SubjectEvent; readonly at: number },
  kept: Kept,
): void {
  if (kept.people.get(subject)?.blocked === 'erased') return
  const held = record({ ...ANYWHERE, subject, status: event, at }, kept)
  held.blocked = event === 'suppression_lifted' ? null : event
  if (event !== 'erased') return
  for (const { consentId } of held.said) kept.byId.delete(consentId)
  held.said.length = 0
  held.byStatement.clear()
  held.heads.clear()
}
