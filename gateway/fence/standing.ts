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
  /** The last list of people it was written into; null where it is not the only one of its person. */
  toldIn: number | null
}
