/** Everything that happened, by one clock that never steps. Events at the same millisecond are told apart by their order. */
export interface History {
  readonly statements: Statement[]
  readonly requests: SubgraphRequested[]
  readonly answers: Answered[]
}

/** One consent of one person, under one scope: a register that is written by statements and read by what leaves. */
export interface Register {
  readonly person: string
  readonly scope: string
}

/** What a person said. Times are those of whoever said it, so it happened somewhere between. */
export interface Statement extends Register {
  readonly status: 'given' | 'withdrawn'
  readonly start: number
  /** When it was known to be written; infinite where nobody ever learned whether it was. */
  end: number
  /** When it was said to be in force everywhere; infinite where it never was. */
  effective: number
  /** Decimal, ordered by commit; null where nobody ever learned it. */
  revision: string | null
  /** When a yes runs out by the clock of the service. */
  readonly expiresAt: number
}

/** What one request carried to a subgraph, as the subgraph received it. */
export interface SubgraphRequested {
  readonly gateway: string
  /** When it left, or, where only the subgraph can tell, the earliest moment at which it can have left after. */
  readonly at: number
  readonly carried: readonly Register[]
}

/** What one client got. */
export interface Answered {
  readonly gateway: string
  readonly start: number
  readonly end: number
  /** The revision that the client said it knows of; null where it said none. */
  readonly notBefore: string | null
  /** Values that were in the answer, under the scopes they rest on. */
  readonly shown: readonly Register[]
}

export const createHistory = (): History => ({ statements: [], requests: [], answers: [] })

/** A clock whose every reading is later than the one before. */
export const createStamp = (now: () => number = () => performance.now()): (() => number) => {
  let last = 0
  return () => {
    last = Math.max(now(), last + 1e-6)
    return last
  }
}
