import type { ConsentState } from '../ports.ts'
import type { Verdict } from './verdict.ts'

/** How one person stands. */
export interface Standing {
  readonly verdict: Verdict
  /** Null where nobody could be asked. */
  readonly state: ConsentState | null
  /** When this has to be looked at again, whatever else happens: something runs out. */
  readonly until: number
  /** The person as they stand in a record, once that was written. */
  text: string | null
}
