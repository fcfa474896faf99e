import type { ConsentContext, ConsentState } from '../ports.ts'

/** What a gateway says to a consent service that hands out leases: docs/consent-protocol.md. */
export interface ConsentProtocol {
  decide(subjects: readonly string[], context: ConsentContext): Promise<DecidedStates>
  /** Answered at once where something has changed, else when something does or when `waitMs` is over. */
  renew(renewal: Renewal): Promise<Renewed>
  release(holder: string): Promise<void>
}

export interface DecidedStates {
  /** The states are as new as this revision, or newer. */
  readonly revision: string
  readonly states: readonly ConsentState[]
}

export interface Renewal {
  readonly holder: string
  /** What is known; null where that is nothing. */
  readonly after: string | null
  /** Everything up to this revision is applied: what was known before is not used any more. */
  readonly acknowledged: string
  readonly waitMs: number
}

export interface Renewed {
  readonly revision: string
  /** How long this renewal lasts, counted from before it was asked for. */
  readonly leaseMs: number
  /** What the clock of the service showed before it took this renewal down, in milliseconds since the epoch. */
  readonly now?: number
  /** Oldest first; null: they are not told one by one, and whatever is known is forgotten. */
  readonly changes: readonly ConsentChange[] | null
}

export interface ConsentChange {
  readonly revision: string
  readonly subject: string
}

/** Revisions are decimal numbers as text and may be larger than a double. */
export const isBefore = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length
