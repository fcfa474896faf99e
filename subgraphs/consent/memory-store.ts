import { type Block, chainKey, type Receipt, type SubjectEvent } from './receipt.ts'
import { type Change, type ConsentStore, ReceiptConflict, type SubjectRecord } from './store.ts'

interface Held {
  revision: string
  blocked: Block | null
  readonly chains: Map<string, Receipt>
}

/** Receipts in this process's memory, gone when it ends. For tests and for trying things out. */
export function createMemoryConsentStore(): ConsentStore {
  const log: Change[] = []
  const people = new Map<string, Held>()
  const listeners = new Set<() => void>()

  const record = (change: Omit<Change, 'revision'>): Held => {
    const revision = String(log.length + 1)
    log.push({ ...change, revision })
    const held = people.get(change.subject) ?? { revision, blocked: null, chains: new Map() }
    held.revision = revision
    people.set(change.subject, held)
    return held
  }
  const written = (): string => {
    for (const listener of listeners) listener()
    return String(log.length)
  }

  return {
    async records(subjects) {
      return new Map(subjects.map((subject) => [subject, recordOf(people.get(subject))]))
    },
    async append(receipts) {
      if (!followOn(receipts, people)) throw new ReceiptConflict()
      for (const receipt of receipts) {
        const { subject, scope, status, at } = receipt
        record({ subject, scope, status, at }).chains.set(chainKey(receipt), receipt)
      }
      return written()
    },
    async mark(subject, event, at) {
      if (people.get(subject)?.blocked !== 'erased')
        record({ subject, scope: null, status: event, at }).blocked = blockAfter(event)
      return written()
    },
    async changesAfter(revision, limit) {
      return log.slice(Number(revision), Number(revision) + limit)
    },
    async revision() {
      return String(log.length)
    },
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function recordOf(held: Held | undefined): SubjectRecord {
  if (!held) return { revision: '0', blocked: null, latest: [] }
  return { revision: held.revision, blocked: held.blocked, latest: [...held.chains.values()] }
}

/** Whether each receipt is the next of its chain, the others of the batch counted. */
function followOn(receipts: readonly Receipt[], people: ReadonlyMap<string, Held>): boolean {
  const heads = new Map<string, Receipt>()
  return receipts.every((receipt) => {
    const key = chainKey(receipt)
    const head = heads.get(key) ?? people.get(receipt.subject)?.chains.get(key)
    heads.set(key, receipt)
    return receipt.version === (head?.version ?? 0) + 1 && receipt.predecessor === (head?.consentId ?? null)
  })
}

function blockAfter(event: SubjectEvent): Block | null {
  return event === 'suppression_lifted' ? null : event
}
