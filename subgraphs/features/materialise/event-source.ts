/** Something a person did, as far as features are computed from it. */
export interface FeatureEvent {
  /** The order in which events were taken: a decimal number as text. */
  readonly position: string
  readonly eventId: string
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly occurredAt: number
  readonly receivedAt: number
  readonly pid: string
  /** Both null for what rests on a contract. */
  readonly consentId: string | null
  readonly consentRevision: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** Where events come from. What is answered is alive there; whether it is here is looked at again. */
export interface EventSource {
  /** Behind a position, in the order of positions, at most so many. `0` is the beginning. */
  after(position: string, limit: number): Promise<readonly FeatureEvent[]>
  /** What these people did, of these types, up to a position. */
  of(pids: readonly string[], types: readonly string[], upTo: string): Promise<readonly FeatureEvent[]>
  /** Who did anything, in the order of pids, after one of them; null: from the first. */
  people(after: string | null, limit: number): Promise<readonly string[]>
  /** The position of the newest event there ever was. */
  newest(): Promise<string>
}

/** What is told of people, by themselves or by who has to do with them. */
export interface ProfileSource {
  /** By pid, by attribute. */
  of(pids: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, unknown>>>
  /** Of whom something was told since (ms; default: ever), in the order of pids, after one of them; null: from the first. */
  people(after: string | null, limit: number, since?: number): Promise<readonly string[]>
}
