import { sentenceOf } from '../error-catalogue.ts'
import type { Block, Receipt, ReceiptStatus, SubjectEvent } from './receipt.ts'

/** Every write takes the next revision: a decimal number as text, ordered by commit. Nothing written is ever changed. */
export type Revision = string

export interface ConsentStore {
  /**
   * For each subject asked, what it said last in each chain, and whether it is blocked. One call for thousands.
   * A subject nothing is known about has no receipts and revision `0`.
   */
  records(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectRecord>>

  /**
   * Adds receipts, all or none. Each one's version must be the next of its chain and its predecessor the one before,
   * else `ReceiptConflict`: somebody else has written since the chain was read.
   */
  append(receipts: readonly Receipt[]): Promise<Revision>

  /** Blocks a subject or lifts a suppression. After an erasure nothing else is taken. */
  mark(subject: string, event: SubjectEvent, at: number): Promise<Revision>

  /** What was written after a revision, oldest first. */
  changesAfter(revision: Revision, limit: number): Promise<readonly Change[]>

  /** The newest revision; `0` when nothing was ever written. */
  revision(): Promise<Revision>

  /** Called after each write through this store object; another process's writes are seen by asking. */
  onWrite(listener: () => void): () => void
}

export interface SubjectRecord {
  /** The last write about this subject. */
  readonly revision: Revision
  readonly blocked: Block | null
  /** The latest receipt of each chain. */
  readonly latest: readonly Receipt[]
}

export interface Change {
  readonly revision: Revision
  readonly subject: string
  /** Null when the person as a whole was blocked or unblocked. */
  readonly scope: string | null
  readonly status: ReceiptStatus | SubjectEvent
  readonly at: number
}

export class ReceiptConflict extends Error {
  constructor() {
    super(sentenceOf('CONSENT_CHANGED_MEANWHILE'))
  }
}
