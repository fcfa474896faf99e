/**
 * Remembers what came first under a key, until it runs out; shared by all replicas. What is replayed, which key a token
 * belongs to and whether a statement was made before are all the question: who was first?
 */
export interface FirstSeen {
  /** What is remembered under the key: what was there, or this when nothing was. `times.now` is what "run out" means. */
  remember(key: string, value: string, times: Times): Promise<Seen>
}

/** Milliseconds since the epoch. */
export interface Times {
  readonly now: number
  readonly until: number
}

export interface Seen {
  readonly value: string
  readonly isNew: boolean
}
