import type { Guard, Lookup } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import type { Caller, Clock, ConsentContext, ConsentSource } from '../ports.ts'
import type { KnownStates } from './known-states.ts'
import type { Ledger } from './ledger.ts'

/** One object that a lookup found, and whose data it is. */
export interface Candidate {
  /** The concrete type; null when it cannot be known. */
  readonly type: string | null
  /** Null when whose data it is cannot be known. */
  readonly subject: string | null
  /** The object the answer will be merged into. */
  readonly object: object
}

/** What a fence stands on, for one request. */
export interface FenceContext {
  readonly world: World
  readonly caller: Caller
  readonly context: ConsentContext
  readonly consent: ConsentSource
  readonly clock: Clock
  readonly ledger: Ledger
  /** People whose consent this request may ask about; of the rest nothing is known, so nothing is given. */
  readonly mostSubjects: number
  /** A revision of consent that the caller knows of. */
  readonly notBefore: string | null
  readonly onConsentFailure: (cause: unknown) => void
}

/** One lookup that asks to be let through. */
export interface Admission extends FenceContext {
  readonly states: KnownStates
  readonly subgraph: string
  readonly lookup: Lookup
  /** True where it was let through before, and is only looked at again. */
  readonly isAgain: boolean
}

/** Objects of one type in a lookup, and what is asked of them. */
export interface GuardedType {
  readonly type: string
  readonly guard: Guard
}
