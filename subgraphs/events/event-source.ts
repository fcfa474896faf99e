import type { StoredEvent } from './event.ts'

/**
 * What readers of events see: those that may be used at the moment of reading, by the query itself. Throws
 * `ConsentNotCurrent` while it is not known what people consent to: fewer events would pass for all.
 */
export interface EventSource {
  /** Behind a position, in the order of positions, at most so many. `0` is the beginning. */
  after(position: string, limit: number): Promise<readonly StoredEvent[]>
  /** What these people did, of these types, up to a position, in the order of positions. */
  of(pids: readonly string[], types: readonly string[], upTo: string): Promise<readonly StoredEvent[]>
  /** What one person did from a moment on until before another, oldest first. */
  ofPerson(pid: string, from: number, until: number): Promise<readonly StoredEvent[]>
  /** What happened of one type, whoever did it, in the order of positions. Fewer than the limit: there are no more. */
  ofType(
    asked: TypeAsked,
    page: { readonly after: string; readonly limit: number },
  ): Promise<readonly StoredEvent[]>
  /** Who did anything, in the order of pids, after one of them; null: from the first. */
  people(after: string | null, limit: number): Promise<readonly string[]>
  /** The position of the newest event that is committed, of whomever; `0` when there is none. */
  newest(): Promise<string>
}

/** Milliseconds since the epoch; `from` is among them, `to` and `receivedBefore` are not. */
export interface TypeAsked {
  readonly type: string
  readonly from: number
  readonly to: number
  readonly receivedBefore: number
}
