import type { Vocabulary } from '../../../directives/vocabulary.ts'
import type { Log } from '../../log.ts'
import type { Receipt } from '../receipts/receipt.ts'
import type { SeenFrom, UseOf } from '../shown-use.ts'
import type { ConsentStore } from '../store.ts'
import type { FirstSeen } from './first-seen.ts'
import type { PersonVerifier } from './person-token.ts'
import type { Responsible } from './plain-words.ts'

/** Whether no gateway anywhere uses the state before a revision any more. */
export type Effectiveness = 'PENDING' | 'EFFECTIVE'

/** What the door stands on. */
export interface DoorParts {
  readonly store: ConsentStore
  readonly firstSeen: FirstSeen
  readonly vocabulary: Vocabulary
  readonly verify: PersonVerifier
  /** Told to the person, and kept in each receipt. */
  readonly responsible: Responsible
  readonly settings: DoorSettings
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** How it stands with a revision: as soon as it is effective, or after so many milliseconds. */
  readonly effectivenessOf: (revision: string, ms: number) => Promise<Effectiveness>
  /** A receipt in the form of ISO/IEC TS 27560. */
  readonly exportReceipt: (receipt: Receipt) => object
  /** A person's browser says `Sec-GPC: 1` (Global Privacy Control). */
  readonly globalPrivacyControl: (subject: string, at: number) => Promise<void> | void
  /** What is done with a person's data, by what they said or by default. Throws for a place that is not known. */
  readonly usesSeenFrom: (place: SeenFrom) => Promise<UseOf>
  /** Throws for a region or brand that nobody could ever ask about. Absent where places are not told apart. */
  readonly refusePlace?: (place: { readonly region: string | null }) => void
  readonly log?: Log
}

export interface DoorSettings {
  /** The address persons know, without a path: proofs are made for it. Read when asked, as a port may be chosen late. */
  readonly url: () => string
  /** Origins whose pages may speak for a person, beside the one of `url`. */
  readonly origins: readonly string[]
  /** Whether a token that names no key may belong to the first that signs beside it; otherwise it only reads. */
  readonly takesUnbound: boolean
  /** How old a signed submission may be. */
  readonly proofSeconds: number
  /** Requests a person may make each minute: so many reads and, counted apart, so many submissions. */
  readonly requestsPerMinute: number
}
