import { initiatorOf } from './receipts/initiator.ts'
import { type Block, chainKey, type Receipt, type SubjectEvent } from './receipts/receipt.ts'
import {
  type Change,
  type ConsentStore,
  type Head,
  ReceiptConflict,
  type Said,
  type StatementOf,
  SubjectErased,
  type SubjectRecord,
} from './store.ts'

interface Held {
  revision: string
  blocked: Block | null
  readonly said: Receipt[]
  readonly byStatement: Map<string, Receipt[]>
  readonly heads: Map<string, Receipt>
}

interface Kept {
  readonly log: Change[]
  readonly people: Map<string, Held>
  readonly byId: Map<string, Receipt>
  readonly revisions: Map<string, string>
  readonly clock: () => number
}

/** Receipts in this process's memory, gone when it ends. For tests and for trying things out. */
export function createMemoryConsentStore(clock: () => number = Date.now): ConsentStore {
  const kept: Kept = { log: [], people: new Map(), byId: new Map(), revisions: new Map(), clock }
  const { log, people, byId } = kept
  const listeners = new Set<() => void>()
  const wake = (): void => {
    for (const listener of listeners) listener()
  }
  const newest = (): string => String(log.length)

  return {
    records: async (subjects) => recordsOf(subjects, people),
    recordsAt: async (subjects) => ({ revision: newest(), records: recordsOf(subjects, people) }),
    async append(receipts) {
      const written = add(receipts, kept)
      wake()
      return { revision: newest(), receipts: written }
    },
    async mark(subject, event, at) {
      mark({ subject, event, at }, kept)
      wake()
      return newest()
    },
    async history(subject) {
      return [...(people.get(subject)?.said ?? [])]
    },
    async receipt(consentId) {
      return byId.get(consentId)
    },
    async said(statements) {
      return statements.flatMap((statement) => ofSameStatement(statement, people)).map(saidIn)
    },
    async changesAfter(revision, limit) {
      return log
        .slice(Number(revision))
        .filter(({ subject, status }) => status === 'erased' || people.get(subject)?.blocked !== 'erased')
        .slice(0, limit)
    },
    async revisionOf(consentId) {
      return byId.has(consentId) ? kept.revisions.get(consentId) : undefined
    },
    async revision() {
      return newest()
    },
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function recordsOf(subjects: readonly string[], people: Kept['people']): ReadonlyMap<string, SubjectRecord> {
  return new Map(subjects.map((subject) => [subject, recordOf(people.get(subject))]))
}

function recordOf(held: Held | undefined): SubjectRecord {
  if (!held) return { revision: '0', blocked: null, latest: [] }
  return { revision: held.revision, blocked: held.blocked, latest: [...held.heads.values()].map(headOf) }
}

function headOf({ subject, scope, channel, region, brand, ...receipt }: Receipt): Head {
  const { consentId, status, at, expiresAt, version } = receipt
  return { subject, scope, channel, region, brand, consentId, status, at, expiresAt, version }
}

function saidIn({ statement, ...receipt }: Receipt): Said {
  const { subject, scope, channel, region, brand, consentId, status, at } = receipt
  return { subject, statement, scope, channel, region, brand, consentId, status, at }
}

function add(receipts: readonly Receipt[], kept: Kept): readonly Receipt[] {
  const { people, byId } = kept
  const known = new Set(receipts.flatMap((receipt) => ofSameStatement(receipt, people)))
  const added = receipts.filter((receipt) => ofSameStatement(receipt, people).length === 0)
  if (added.some(({ subject }) => people.get(subject)?.blocked === 'erased')) throw new SubjectErased()
  const isTaken = added.some(({ consentId }) => byId.has(consentId))
  if (isTaken || !followOn(added, people)) throw new ReceiptConflict()
  for (const receipt of added) {
    const { subject, scope, channel, region, brand, status, at, surface } = receipt
    const initiator = initiatorOf(receipt)
    const held = record({ subject, scope, channel, region, brand, status, at, surface, initiator }, kept)
    kept.revisions.set(receipt.consentId, held.revision)
    held.said.push(receipt)
    held.byStatement.set(receipt.statement, [...ofSameStatement(receipt, people), receipt])
    held.heads.set(chainKey(receipt), receipt)
    byId.set(receipt.consentId, receipt)
  }
  return [...known, ...added]
}

function ofSameStatement(
  { subject, statement }: StatementOf,
  people: ReadonlyMap<string, Held>,
): readonly Receipt[] {
  return people.get(subject)?.byStatement.get(statement) ?? []
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

const newHeld = (revision: string): Held => ({
  revision,
  blocked: null,
  said: [],
  byStatement: new Map(),
  heads: new Map(),
})

function mark(
  { subject, event, at }: { readonly subject: string; readonly event: SubjectEvent; readonly at: number },
  kept: Kept,
): void {
  if (kept.people.get(subject)?.blocked === 'erased') return
  const anywhere = {
    scope: null,
    channel: null,
    region: null,
    brand: null,
    surface: null,
    initiator: 'system',
  } as const
  const held = record({ ...anywhere, subject, status: event, at }, kept)
  held.blocked = event === 'suppression_lifted' ? null : event
  if (event !== 'erased') return
  for (const { consentId } of held.said) kept.byId.delete(consentId)
  held.said.length = 0
  held.byStatement.clear()
  held.heads.clear()
}
