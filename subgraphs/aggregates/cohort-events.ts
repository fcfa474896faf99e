/**
 * The store of events as aggregates see it. It asks consent in the statement that reads: an event is handed out only while it is
 * alive, and where that is not known at this moment the store refuses and does not hand out fewer.
 */
export interface CohortEvents {
  /** Of one type, behind a position, in the order of positions; fewer than `limit`: there are no more. */
  ofType(asked: CohortRead, page: CohortPage): Promise<readonly CohortEvent[]>
  /** Another one whenever something was heard of consent. Default: nothing ever is. */
  turn?(): number
}

export interface CohortRead {
  readonly type: string
  /** Of `occurredAt`, milliseconds since the epoch; `from` is in, `to` is not. */
  readonly from: number
  readonly to: number
  /** Of `receivedAt`: what came later is of another snapshot. */
  readonly receivedBefore: number
}

export interface CohortPage {
  /** Decimal digits; `0` is before the first one. */
  readonly after: string
  readonly limit: number
}

export interface CohortEvent {
  readonly position: string
  readonly source: string
  readonly eventId: string
  readonly pid: string
  /** The consent it was collected under and is alive by; null: it rests on a contract and is not counted. */
  readonly scope: string | null
  readonly data: Readonly<Record<string, unknown>>
}
