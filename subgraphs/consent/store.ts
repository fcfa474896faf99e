import { sentenceOf } from '../error-catalogue.ts'
import type { Link, LinkInForce, TakenLink, Unlink } from './links/link.ts'
import type { Initiator } from './receipts/initiator.ts'
import type { Block, Chain, Receipt, ReceiptStatus, SubjectEvent } from './receipts/receipt.ts'

/** Every write takes the next revision: a decimal number as text, ordered by commit and without gaps. */
export type Revision = string

export interface ConsentStore {
  /**
   * For each subject asked, what it said last in each chain, and whether it is blocked. One call for thousands.
   * A subject nothing is known about has no heads and revision `0`.
   */
  records(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectRecord>>

  /** The same, and the newest revision at that very moment: the records are exactly as new. */
  recordsAt(subjects: readonly string[]): Promise<RecordsAt>

  /**
   * Adds receipts, all or none. Each one's version must be the next of its chain and its predecessor the one before,
   * else `ReceiptConflict`: somebody else has written since the chain was read.
   *
   * A statement of a person is taken once: when it is there, its receipts are answered as they were written and nothing
   * is added, so who did not hear the outcome asks again with the same id. For an erased person: `SubjectErased`.
   *
   * `asOf`: also refused when anything was written since about somebody who is linked to one of them.
   */
  append(receipts: readonly Receipt[], asOf?: Revision): Promise<Written>

  /**
   * Blocks a subject or lifts a suppression. An erasure makes the subject's receipts unreadable, forgets its heads and
   * leaves the subject's id alone, as a tombstone; nothing is taken after it.
   */
  mark(subject: string, event: SubjectEvent, at: number): Promise<Revision>

  /** Everything a subject ever said, oldest first. Nothing after an erasure. */
  history(subject: string): Promise<readonly Receipt[]>

  /** One receipt by its id. */
  receipt(consentId: string): Promise<Receipt | undefined>

  /** What rests on these receipts has to know of them, thousands at once. One that does not exist is missing. */
  bases(consentIds: readonly string[]): Promise<ReadonlyMap<string, ReceiptBasis>>

  /** What was said by these statements, as far as they are there: where, when and what, without opening a receipt. */
  said(statements: readonly StatementOf[]): Promise<readonly Said[]>

  /** What was written after a revision, oldest first. Of an erased subject only the erasure is told. */
  changesAfter(revision: Revision, limit: number): Promise<readonly Change[]>

  /**
   * Whose state may be another one since a revision, oldest first: whom it was written about, and everybody who is linked
   * to them at this moment. Of so many writes.
   */
  concernedAfter(revision: Revision, limit: number): Promise<readonly Concerned[]>

  /**
   * Takes links, all or none, each a write about each of its pids. One that was taken before, or undone, stays as it is.
   * Throws `LINK_ID_REUSED` for one that was taken with other pids, `TOO_MANY_LINKED` for a person made of too many.
   */
  link(links: readonly Link[], takenAt: number): Promise<readonly TakenLink[]>

  /** Ends links, also such as were never taken: they never will be. */
  unlink(undone: readonly Unlink[], takenAt: number): Promise<readonly TakenLink[]>

  /** What was said under the pids of a link, or of who is one person with them, while it was in force. Oldest first. */
  saidWhileLinked(decisionId: string): Promise<readonly Said[]>

  /** The revision at which a receipt was written. */
  revisionOf(consentId: string): Promise<Revision | undefined>

  /** The newest revision; `0` when nothing was ever written. */
  revision(): Promise<Revision>

  /** Called after each write through this store object; another process's writes are seen by asking. */
  onWrite(listener: () => void): () => void
}

/** What was written, or had been by the same statement. */
export interface Written {
  /** The newest of the store, which holds the receipts. */
  readonly revision: Revision
  readonly receipts: readonly Receipt[]
}

export interface RecordsAt {
  readonly revision: Revision
  readonly records: ReadonlyMap<string, SubjectRecord>
}

export interface SubjectRecord {
  /** The last write about this subject. */
  readonly revision: Revision
  readonly blocked: Block | null
  /** The head of each chain. */
  readonly latest: readonly Head[]
  /** Absent for who is linked to nobody. */
  readonly group?: LinkedGroup
}

/** Everybody who is one person with a subject, and why. */
export interface LinkedGroup {
  readonly subject: string
  /** By pid, the subject with them. */
  readonly members: ReadonlyMap<string, LinkedRecord>
  readonly links: readonly LinkInForce[]
}

export interface LinkedRecord extends Pick<SubjectRecord, 'revision' | 'blocked'> {
  readonly latest: readonly LinkedHead[]
}

export interface LinkedHead extends Head {
  readonly revision: Revision
}

export interface Concerned {
  readonly revision: Revision
  readonly subject: string
}

/** What was said last in a chain: as much of the receipt as decisions need. */
export interface Head extends Chain, Pick<Receipt, 'consentId' | 'status' | 'at' | 'expiresAt' | 'version'> {}

export interface Change {
  readonly revision: Revision
  readonly subject: string
  /** Null when the person as a whole was blocked or unblocked. */
  readonly scope: string | null
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
  readonly status: ReceiptStatus | SubjectEvent | LinkEvent
  readonly at: number
  /** When the store took it, by its own clock: what an import brings was said before. */
  readonly recordedAt: number
  /** When a yes runs out; null when it does not, and for what is no receipt. */
  readonly expiresAt: number | null
  readonly initiator: Initiator
  readonly surface: string | null
  /** Which link was taken or undone; absent for what a person said, or a block. */
  readonly link?: Pick<Link, 'decisionId' | 'pids' | 'kind'>
}

export type LinkEvent = 'linked' | 'unlinked'

/** Of a receipt that something rests on: whose it is, what for, and when it was in force. */
export interface ReceiptBasis extends Pick<Receipt, 'subject' | 'scope' | 'status' | 'at' | 'expiresAt'> {
  readonly revision: Revision
}

export const basisOf = (
  { subject, scope, status, at, expiresAt }: Receipt,
  revision: Revision,
): ReceiptBasis => ({ subject, scope, status, at, expiresAt, revision })

export type StatementOf = Pick<Receipt, 'subject' | 'statement'>

export interface Said extends StatementOf, Chain, Pick<Receipt, 'consentId' | 'status' | 'at'> {}

export class ReceiptConflict extends Error {
  constructor() {
    super(sentenceOf('CONSENT_CHANGED_MEANWHILE'))
  }
}

export class SubjectErased extends Error {
  constructor() {
    super(sentenceOf('SUBJECT_BLOCKED'))
  }
}
