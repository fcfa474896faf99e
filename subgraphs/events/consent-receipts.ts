/** What the flow asks of consent, thousands at a time. Throws when it cannot be answered: then nothing is judged. */
export interface ConsentReceipts {
  /**
   * What each of these receipts says. One that does not exist, or was an erased person's, is missing; null: it is told of in a
   * way that is not understood, and nothing rests on it.
   */
  basis(consentIds: readonly string[]): Promise<Bases>
  /**
   * Of each of these people, the pids that are one person with them by the links there are. Nobody's: missing; null: not
   * understood.
   */
  samePeople(subjects: readonly string[]): Promise<SamePeople>
}

export type Bases = ReadonlyMap<string, Basis | null>

export type SamePeople = ReadonlyMap<string, ReadonlySet<string> | null>

/** A receipt, as far as what rests on it has to know. */
export interface Basis {
  readonly subject: string
  readonly scope: string
  readonly status: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly expiresAt: number | null
  /** The revision at which it was written: a decimal number as text. */
  readonly revision: string
}
