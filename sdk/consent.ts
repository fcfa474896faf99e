import type { ConsentErrorCode } from './consent-error.ts'
import type { Waiting } from './waiting-list.ts'

/** What a person sees of their consent. */
export interface Preferences {
  readonly revision: string
  /** The words that were shown: a yes is to them. */
  readonly notice: Notice
  /** Who decides over the data, and who else may get it. */
  readonly controller: string | null
  readonly recipients: readonly string[]
  readonly languages: readonly string[]
  readonly blocked: 'SUPPRESSED' | 'ERASED' | null
  readonly signals: { readonly globalPrivacyControl: boolean }
  readonly place: Required<Place>
  readonly scopes: readonly ScopePreference[]
}

/** Where a person looks from: what holds by default differs by it. */
export interface Place {
  /** ISO 3166, as the policy bundle has it: `DE`, `US-CA`. */
  readonly region?: string | null
  readonly brand?: string | null
}

export interface Notice {
  readonly version: string
  readonly language: string
}

export interface ScopePreference {
  readonly scope: string
  readonly title: string
  readonly sentence: string
  readonly uses: readonly string[]
  /** What the person said: `GIVEN` and `RENEWED` are a yes; everything else is none. */
  readonly status: string
  /**
   * Whether it is used: by a yes, or by default where the law has it so and the person did not object.
   * `IN_SOME_PLACES`: it was not said exactly where, and it differs.
   */
  readonly holds: 'YES' | 'NO' | 'IN_SOME_PLACES'
  /** What the use rests on (`CONSENT`, `CONTRACT` …); null where there is none. With another than `CONSENT`, `refuse` objects. */
  readonly basis: string | null
  /** Why it is not used, or not everywhere: `SIGNAL`, `PROHIBITED` … */
  readonly denied: string | null
  /** What the person said is not used because of a record that was found to be the same person's; said again, it counts for both. */
  readonly heldBack: boolean
  readonly receipt: string | null
  readonly since: string | null
  readonly expiresAt: string | null
  /** What was said last and has not reached the service yet. */
  readonly waiting: Waiting['action'] | null
}

export interface ReceiptSummary {
  readonly receipt: string
  readonly scope: string
  readonly title: string
  readonly status: string
  readonly at: string
  readonly expiresAt: string | null
}

export interface StatementOptions {
  /** The words that were shown; default: those of the last `read()`. */
  readonly notice?: Notice
  /** Where it was said: `checkout`. */
  readonly surface?: string
  readonly channel?: string
  readonly region?: string
  readonly brand?: string
  /** ISO 8601. */
  readonly expiresAt?: string
}

/** `waiting`: written down, and sent as soon as the service can be reached. */
export type Outcome =
  | { readonly state: 'waiting'; readonly id: string }
  | {
      readonly state: 'taken'
      readonly id: string
      readonly revision: string
      /** `EFFECTIVE`: nobody anywhere uses what was before. */
      readonly effective: 'PENDING' | 'EFFECTIVE'
      readonly receipts: readonly ReceiptSummary[]
    }

export interface Change {
  /** `elsewhere`: another tab of this browser did something. */
  readonly reason: 'waiting' | 'taken' | 'refused' | 'effective' | 'elsewhere'
  readonly statement?: Waiting
  readonly revision?: string
  readonly effective?: 'PENDING' | 'EFFECTIVE'
  /** Why, where it was refused. */
  readonly code?: ConsentErrorCode
}

export interface Consent {
  /** In a language (`de`), else the browser's; as seen from a place, else from the one `createConsent` was given. */
  read(options?: Place & { readonly language?: string }): Promise<Preferences>
  give(scopes: readonly string[], options?: StatementOptions): Promise<Outcome>
  /** Also objects to what holds by default. */
  refuse(scopes: readonly string[], options?: StatementOptions): Promise<Outcome>
  withdraw(scopes: readonly string[], options?: StatementOptions): Promise<Outcome>
  /** A receipt in the form of ISO/IEC TS 27560, to keep. */
  prove(receipt: string): Promise<object>
  history(options?: { readonly language?: string }): Promise<readonly ReceiptSummary[]>
  /** Statements that have not reached the service. */
  waiting(): Promise<readonly Waiting[]>
  on(event: 'change', listener: (change: Change) => void): () => void
  /** Ends timers and listeners; what waits stays written down. */
  close(): void
}
