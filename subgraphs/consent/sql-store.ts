import type { Kysely } from 'kysely'
import { readConcerned, readSaidWhileLinked } from './links/sql-link-reads.ts'
import { undoLinks, writeLinks } from './links/sql-links.ts'
import type { ReceiptKeys } from './receipts/receipt-keys.ts'
import { appendReceipts } from './sql-append.ts'
import { unlessDown } from './sql-down.ts'
import { erase, suppress } from './sql-mark.ts'
import { newestRevision, readBases, readChanges, readReceipts, readSaid, revisionOf } from './sql-reads.ts'
import { recordReader } from './sql-records.ts'
import { inTurn, type Work } from './sql-turn.ts'
import type { ConsentStore } from './store.ts'

/** Receipts in PGlite or PostgreSQL 15 and later. */
export function createSqlConsentStore(db: Kysely<unknown>, keys: ReceiptKeys): ConsentStore {
  const listeners = new Set<() => void>()
  const write = async <T>(work: Work<T>): Promise<T> => {
    const outcome = await unlessDown(() => inTurn(db, work))
    for (const listener of listeners) listener()
    return outcome
  }
  const read = unlessDown
  const readRecords = recordReader(db)

  return {
    records: async (subjects) => (await read(() => readRecords(subjects))).records,
    recordsAt: (subjects) => read(() => readRecords(subjects)),
    append: (receipts, asOf) => write((turn) => appendReceipts(turn, { receipts, asOf }, keys)),
    mark: (subject, event, at) =>
      write((turn) =>
        event === 'erased'
          ? erase(turn, { subject, at }, keys)
          : suppress(turn, { subject, event, at }, keys),
      ),
    history: (subject) => read(() => readReceipts(db, { subject }, keys)),
    receipt: async (consentId) => (await read(() => readReceipts(db, { consentId }, keys)))[0],
    bases: (consentIds) => read(() => readBases(db, consentIds, keys)),
    said: (statements) => read(() => readSaid(db, statements)),
    changesAfter: (revision, limit) => read(() => readChanges(db, revision, limit)),
    concernedAfter: (revision, limit) => read(() => readConcerned(db, revision, limit)),
    link: (links, takenAt) => write((turn) => writeLinks(turn, { links, takenAt }, keys)),
    unlink: (undone, takenAt) => write((turn) => undoLinks(turn, { undone, takenAt }, keys)),
    saidWhileLinked: (decisionId) => read(() => readSaidWhileLinked(db, decisionId)),
    revisionOf: (consentId) => read(() => revisionOf(db, consentId)),
    revision: async () => String(await read(() => newestRevision(db))),
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
