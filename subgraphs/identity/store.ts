import type { RecordNode } from './graph/decision.ts'
import type { GraphReader, GraphWriter } from './graph/graph-port.ts'
import type { RawRecord } from './vault/raw-record.ts'

/**
 * The identity graph: records from source systems, the identifiers they carry, and the people who own them.
 *
 *   Person(pid) ─owns→ Record(source, recordId) ─has→ Identifier(token)
 *
 * Who owns a record follows from the decisions kept beside it (graph/): what is kept here as owner is what they give.
 * A pid is the seed of one record and stays that for ever: one that is no person's any more leads to the person its
 * record belongs to, and whoever asks about it is answered under the pid they asked for.
 *
 * Of what a record says only what names nobody is here: source, region and language, and keyed tokens of the rest (see
 * pseudonyms/pseudonym.ts). The record itself is called by its name in the vault, where its raw values are (see vault/).
 */
export interface IdentityStore {
  /** The records of each person, in the order they came. A pid nobody has is missing from the answer. */
  records(pids: readonly string[]): Promise<ReadonlyMap<string, readonly StoredRecord[]>>
  /** Each kind, token and source once, in the order of the records. */
  identifiers(pids: readonly string[]): Promise<ReadonlyMap<string, readonly StoredIdentifier[]>>
  /** Each device once, the one seen last in front. */
  devices(pids: readonly string[]): Promise<ReadonlyMap<string, readonly StoredDevice[]>>
  /** Each account once, in the order of the records. */
  accounts(pids: readonly string[]): Promise<ReadonlyMap<string, readonly StoredAccount[]>>
  /** The household of the first record that names one. */
  households(pids: readonly string[]): Promise<ReadonlyMap<string, StoredHousehold>>

  /** People in the order of their oldest records. `after` is the position of the last one seen. */
  page(first: number, after: number): Promise<PeoplePage>
  /** Who has a record with this token, whoever had it first in front. More than one: the identifier is shared. */
  holders(tokens: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
  /**
   * The records with this token, the oldest first, at most `MOST_CARRIERS` of each: whatever more have is nobody's own.
   * For the importer, who has to say through which record somebody is found.
   */
  carriers(tokens: readonly string[]): Promise<ReadonlyMap<string, readonly Carrier[]>>
  /** The owners of the records we already have, by `recordKey`. */
  owners(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Every record reachable from this person over shared identifiers, nearest first, at most `CONNECTED_STEPS` away. */
  connected(pid: string): Promise<readonly ConnectedRecord[]>

  /** Reads the decisions and nodes at one moment. */
  look<T>(work: (graph: GraphReader) => Promise<T>): Promise<T>
  /**
   * One change, all or nothing, and one after the other: every process that writes takes its turn. `work` is run again
   * when the store says that it may be, so it has no effect beside this.
   */
  change<T>(work: (graph: IdentityWriter) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface IdentityWriter extends GraphWriter {
  /**
   * The nodes in the order of the batch. A record we already have is replaced, and keeps its place and its owner; a new
   * one is its own person, or joins the person of `pid`.
   */
  putRecords(records: readonly ResolvedRecord[], at: number): Promise<readonly RecordNode[]>
}

/** What a source system knows about one customer. Raw: it leaves the importer for the vault, and as a `ResolvedRecord`. */
export interface CustomerRecord extends Omit<RawRecord, 'deviceIds'> {
  readonly givenName: string
  readonly familyName: string
  /** ISO 3166-1 alpha-2. Also says which country a phone number without `+` belongs to. Empty when unknown. */
  readonly region: string
  /** BCP 47. */
  readonly language?: string
  readonly devices: readonly RecordDevice[]
}

interface RecordDevice {
  readonly id: string
  readonly kind: string
  /** ISO 8601 instant. */
  readonly lastSeen: string
}

/** A record as it is kept: identifiers are tokens, and a person owns it. */
export interface ResolvedRecord extends StoredRecord {
  /** The pid of the person it would be alone. */
  readonly seed: string
  /** The owner, if it is new. */
  readonly pid: string
  readonly identifiers: readonly { readonly kind: IdentifierKind; readonly token: string }[]
  readonly devices: readonly StoredDevice[]
  readonly household: string | null
  readonly account: string | null
  /** Names of the fields of `Customer` that it has a value of. */
  readonly says: readonly string[]
}

export interface StoredRecord {
  readonly source: string
  /** Its name in the vault. */
  readonly recordId: string
  readonly region: string | null
  readonly language: string | null
}

export type IdentifierKind = 'EMAIL' | 'PHONE' | 'LOYALTY'

export interface StoredIdentifier {
  readonly kind: IdentifierKind
  readonly token: string
  readonly source: string
}

export interface StoredDevice {
  readonly id: string
  readonly kind: string
  readonly lastSeen: string
}

export interface StoredAccount {
  readonly id: string
  /** The name of the first record that has it: in the vault it says what the account is called. */
  readonly record: string
}

export interface StoredHousehold {
  readonly id: string
  /** Pids by position; the person asked about is one of them. */
  readonly members: readonly string[]
}

export interface PeoplePage {
  readonly people: readonly { readonly pid: string; readonly position: number }[]
  readonly hasNextPage: boolean
  readonly total: number
}

export interface Carrier {
  readonly key: string
  readonly pid: string
}

export const MOST_CARRIERS = 64

export interface ConnectedRecord {
  readonly source: string
  readonly recordId: string
  readonly pid: string
  /** Identifiers crossed on the shortest way: 0 for the person's own records. */
  readonly distance: number
}

/** Beyond three shared identifiers the way says nothing about being the same person, and a hub would pull in everybody. */
export const CONNECTED_STEPS = 3

/** The key of a record in the whole graph. Sources may use the same ids. */
export const recordKey = (record: Pick<CustomerRecord, 'source' | 'recordId'>): string =>
  `${record.source}\u001f${record.recordId}`

/** The name in the vault of the record with this key. */
export const nameIn = (key: string): string => key.slice(key.indexOf('\u001f') + 1)
