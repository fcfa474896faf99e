/** Something a person did. Immutable: it is added, never changed, and goes by retention, withdrawal or erasure only. */
export interface Event {
  /** Its name at its source. */
  readonly eventId: string
  /** Who sent it. */
  readonly source: string
  readonly type: string
  /** Of the contract it was checked against. */
  readonly version: number
  /** When it happened, as the contract says what that means. Milliseconds since the epoch. */
  readonly occurredAt: number
  readonly receivedAt: number
  readonly pid: string
  /** The use it was collected for, as its contract says. */
  readonly scope: string | null
  /** Null where it rests on a contract with the person, as is the next one. */
  readonly consentId: string | null
  /** The revision of that receipt: a decimal number as text. */
  readonly consentRevision: string | null
  readonly data: EventData
  /** When its retention ends. */
  readonly expiresAt: number
}

export type EventData = Readonly<Record<string, unknown>>

export interface StoredEvent extends Event {
  /** A decimal number as text, in the order of commits: what is committed later has a higher one. */
  readonly position: string
}

/** What makes two events of one source the same one. */
export const eventKey = ({ source, eventId }: Pick<Event, 'source' | 'eventId'>): string =>
  `${source}\u001f${eventId}`
