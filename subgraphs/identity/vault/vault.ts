import type { RawRecord } from './raw-record.ts'

/**
 * The only place where a person can be read: the raw values of records, sealed, and named by a keyed token (GDPR Art. 4(5):
 * what would attribute the pseudonyms to a person is kept separately). Everything else in the house holds the names.
 */
export interface Vault {
  /** The name of a record everywhere outside: `r_…`. The same for ever, and of no use without the key of the names. */
  nameOf(record: Pick<RawRecord, 'source' | 'recordId'>): string
  /**
   * Seals records; one that is there already is replaced. Comes first: whoever writes of them elsewhere does so afterwards
   * and then settles the batch, so that what was broken off in between is found by `sweep`.
   */
  put(records: readonly RawRecord[]): Promise<PutBatch>
  settle(batch: string): Promise<void>
  /** Those that are there; one that was moved, swapped or changed is refused and named. */
  open(names: readonly string[]): Promise<OpenedRecords>
  /** Destroys the keys of these records. They are never taken in again, also those that were not here. */
  erase(names: readonly string[]): Promise<void>
  /** Which of these were erased: what is still written of them elsewhere is to go. */
  erased(names: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * Removes what was put before this instant (ms) and never settled, unless it is known elsewhere after all. Not an
   * erasure: a record of an import that was broken off may come again. Answers how many were removed.
   */
  sweep(isKnown: (names: readonly string[]) => Promise<ReadonlySet<string>>, before: number): Promise<number>
  /** Puts the key of every record under the wrapping key in use. Can be broken off and run again. Answers how many were not. */
  rewrap(onProgress?: (done: number) => void): Promise<number>
}

export interface PutBatch {
  /** For `settle`. */
  readonly batch: string
  /** Names of records that were erased: nothing of them was taken, and nothing of them may be written elsewhere. */
  readonly refused: ReadonlySet<string>
}

export interface OpenedRecords {
  readonly records: ReadonlyMap<string, RawRecord>
  /** Names of entries that are not as they were sealed. */
  readonly refused: readonly string[]
}
