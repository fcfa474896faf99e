import type { ConsentState } from '../ports.ts'
import type { Verdict } from './verdict.ts'

/** How one person stands. */
export interface Standing {
  readonly verdict: Verdict
  /** Null where nobody could be asked. */
  readonly state: ConsentState | null
  /** When this has to be looked at again, whatever else happens: something runs out. */
  readonly until: number
  /** Whether it is kept beyond the request, and so is the only one of its person. */
  readonly isKept: boolean
  /** The person as they stand in a record, once that was written. */
  text: string | null
  /** The last list of people it was written into. */
  toldIn: number
  /** The person as they were asked about last. */
  asked: Asked | null
  /** The last list of representations it was taken into, and its place there. */
  askedIn: number
  askedAt: number
}

/** A representation, and everything that it was written from. */
export interface Asked {
  readonly write: unknown
  readonly type: string | null
  readonly told: unknown
  readonly key: unknown
  readonly text: string
}
