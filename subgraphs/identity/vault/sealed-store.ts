import type { WrappedKey } from './data-key-ring.ts'
import type { Entry } from './sealed-entry.ts'

/** Where sealed entries are kept. It sees names, versions and bytes, and can open none of them. */
export interface SealedStore {
  /** The key that records are named with, wrapped; null: it was never made. */
  nameKey(): Promise<WrappedKey | null>
  /** There is one for ever: a second one is left out. */
  keepNameKey(key: WrappedKey): Promise<void>
  /** The same one, wrapped anew. */
  rewrapNameKey(key: WrappedKey): Promise<void>

  /** Tombstones too; what was never there is missing. */
  heads(names: readonly string[]): Promise<ReadonlyMap<string, EntryHead>>
  /** Without tombstones. */
  read(names: readonly string[]): Promise<readonly Entry[]>
  /**
   * Writes those whose version follows the one that is there, and that are not erased; answers their names. All of
   * `batch` is remembered as not settled, with them and at the same moment.
   */
  write(entries: readonly Entry[], batch: PendingBatch): Promise<ReadonlySet<string>>
  settle(batch: string): Promise<void>
  /** Entries that were there become tombstones, as does what was not. A tombstone stays one. */
  erase(names: readonly string[], at: number): Promise<void>

  /** Not settled and from before this instant, the oldest first. */
  pending(before: number, limit: number): Promise<readonly PendingBatch[]>
  /** Removes entries that are still of this version, and forgets the batch. Answers how many. */
  drop(
    batch: string,
    entries: readonly { readonly name: string; readonly version: number }[],
  ): Promise<number>

  /** Entries whose keys lie under other wrapping keys than this one. */
  under(otherThan: string, limit: number): Promise<readonly Entry[]>
  /** The same entries with their keys wrapped anew, where nothing else changed. */
  rewrap(entries: readonly Entry[]): Promise<void>
}

export interface EntryHead {
  readonly version: number
  readonly isErased: boolean
}

export interface PendingBatch {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly names: readonly string[]
}
