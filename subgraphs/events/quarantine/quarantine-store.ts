import type { EventErrorCode } from '../../event-error-catalogue.ts'
import type { PidHolder } from '../../pid-holder.ts'
import type { Purgeable } from '../../standing/standing-store.ts'
import type { Stage } from '../fault.ts'

/** Events that failed: nothing that was sent is dropped, and nothing of a person is kept that may not be. */
export interface QuarantineStore extends PidHolder, Purgeable {
  /**
   * Keeps what failed. The same again is one entry with one more attempt, its newest reason, and no more of a payload than may
   * be kept now. A payload is kept only where what it rests on is alive at this very moment: the statement itself asks.
   */
  put(failed: readonly FailedEvent[], now: number): Promise<void>
  /** Newest last, behind an entry; without the payloads. */
  list(asked: ListAsked): Promise<readonly KeptFailure[]>
  /** Those that are there. A payload is missing where what it rests on is no longer alive, or its time is over. */
  read(ids: readonly string[], now: number): Promise<readonly KeptPayload[]>
  /** These need nobody any more; their payloads are gone. */
  settle(ids: readonly string[], state: 'replayed' | 'discarded', now: number): Promise<void>
  /** What waits, by code, and since when. */
  waiting(): Promise<readonly WaitingFailures[]>
  /** Removes payloads whose time is over, and entries that were settled before; says how many. */
  expire(now: number, settledBefore: number): Promise<number>
}

export interface FailedEvent {
  /** The same for the same bytes of the same source. */
  readonly id: string
  /** Keyed, so that what is guessed cannot be tried out. Hexadecimal. */
  readonly digest: string
  readonly bytes: number
  readonly source: string
  readonly code: EventErrorCode
  readonly stage: Stage
  readonly place: string | null
  readonly envelope: FailedEnvelope
  /** The contract it was judged by. */
  readonly contractVersion: number | null
  readonly payload: SealedPayload | null
}

/** As much as could be read, and may be kept of anybody. */
export interface FailedEnvelope {
  readonly eventId: string | null
  readonly type: string | null
  readonly version: number | null
  readonly occurredAt: number | null
  readonly pid: string | null
  readonly consentId: string | null
}

export interface SealedPayload {
  readonly sealed: Buffer
  /** Without a revision it rests on a contract with the person, or with whoever will turn out to be it. */
  readonly pid: string | null
  readonly scope: string | null
  readonly revision: string | null
  readonly expiresAt: number
}

export interface KeptFailure extends Omit<FailedEvent, 'payload'> {
  readonly state: 'waiting' | 'replayed' | 'discarded'
  readonly firstAt: number
  readonly lastAt: number
  readonly attempts: number
  readonly hasPayload: boolean
  /** When the payload goes. */
  readonly expiresAt: number | null
}

export interface KeptPayload extends KeptFailure {
  readonly sealed: Buffer | null
}

export interface ListAsked {
  readonly state?: KeptFailure['state']
  readonly code?: string
  readonly source?: string
  readonly type?: string
  /** The id of an entry. */
  readonly after?: string
  readonly limit: number
}

export interface WaitingFailures {
  readonly code: string
  readonly count: number
  readonly oldestAt: number
}
