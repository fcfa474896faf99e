import type { PidHolder } from '../pid-holder.ts'
import type { Purgeable } from '../standing/standing-store.ts'
import type { ProfileWrite } from './settle.ts'

/**
 * Everything that systems said of attributes of people. It only grows, and what holds is worked out from it: so replicas
 * that have the same writes agree, and what lost is kept as it was said. Only consent, erasure and time take away.
 */
export interface OwnershipStore extends PidHolder, Purgeable {
  /** Takes what may be kept now, each once. Answered in the order given. */
  add(writes: readonly KeptWrite[], now: number): Promise<readonly AddedAs[]>
  /** What was said of these, in no order: only what is alive, whatever was written since. */
  of(keys: readonly ProfileKey[], now: number): Promise<readonly ProfileWrite[]>
  /** Of whom anything was heard since (ms), in the order of pids, after one of them; null: from the first. */
  people(after: string | null, limit: number, since: number): Promise<readonly string[]>
  /**
   * Removes what is older than its attribute is kept, by attribute the instant (ms) up to which. The last word of a system
   * stays until nothing younger is left of what it said before: else that would hold again.
   */
  expire(until: ReadonlyMap<string, number>): Promise<number>
}

/** What may not be kept is answered alike, whether consent, or its end, or an erasure speaks against it. */
export type AddedAs = 'added' | 'known' | 'not alive'

export interface ProfileKey {
  readonly pid: string
  readonly attribute: string
}

export interface KeptWrite extends ProfileWrite {
  /** When it was heard first, in milliseconds since the epoch. Nothing is decided by it. */
  readonly receivedAt: number
  /** Of which registry (`profile@1.0.0`) it was taken by. */
  readonly registry: string
  /** What it rests on; null where a contract is the basis. */
  readonly consent: Consent | null
}

export interface Consent {
  readonly scope: string
  readonly consentId: string
  readonly revision: string
}
