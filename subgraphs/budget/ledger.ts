import type { Charge } from '../../privacy/budget/charge.ts'
import type { Budget, BudgetLeft } from './budget.ts'

/**
 * What was given away, written down before it is. A reservation is spent from the moment it is made: whoever dies between
 * reading and answering may have shown something, so nothing is ever given back.
 */
export interface BudgetLedger {
  /** Before any data is read. Two who reserve at once never spend more together than there is. */
  reserve(reserving: Reserving): Promise<Reservation>
  /** Says of a reservation with a lease that it is being worked on, until then (ms since the epoch). */
  renew(reservation: string, until: number): Promise<void>
  /**
   * Keeps the noisy answer: whoever asks the same of the same data gets the same, and cannot average the noise away. `really` is what
   * was released, and never more than was reserved; of a reservation of which only ε and δ are known it is what counts from then on.
   */
  settle(reservation: string, answer: string, really?: readonly Charge[]): Promise<void>
  /** What is left of each limit. */
  left(budget: Budget, now: number): Promise<readonly BudgetLeft[]>
}

export interface Reserving {
  readonly budget: Budget
  readonly charge: Charge
  /** What is asked, written so that the same is the same. */
  readonly query: string
  /** Of which state of the data. */
  readonly snapshot: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** For what takes long and, when it dies, is done again with the same noise. */
  readonly lease?: Lease
}

/** A reservation that is lost is taken up again, and costs nothing: with the same noise nothing is released twice. */
export interface Lease {
  /** How long it is believed without being renewed. */
  readonly ms: number
  /** Nobody else can be at it, so a lease that is left from before is of somebody who died. */
  readonly isAlone: boolean
}

export type Reservation =
  | { readonly kind: 'reserved'; readonly id: string }
  /** It was asked before, and costs nothing. */
  | { readonly kind: 'answered'; readonly answer: string }
  /** Somebody is answering the same at this moment: ask again a little later. */
  | { readonly kind: 'under way' }
  | { readonly kind: 'refused'; readonly limit: BudgetLeft }

/** After this a reservation without an answer is taken for lost: it stays spent, and the same may be asked anew. */
export const LOST_AFTER_MS = 60_000
