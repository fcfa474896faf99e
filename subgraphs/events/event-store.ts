import { sentenceOf } from '../error-catalogue.ts'
import type { PidHolder } from '../pid-holder.ts'
import type { Purgeable } from '../standing/standing-store.ts'
import type { Event } from './event.ts'
import type { EventSource } from './event-source.ts'

/** Keeps events, in the order in which they were committed. */
export interface EventStore extends EventSource, PidHolder, Purgeable {
  /**
   * Adds events, all at once, and says what came of each, in their order. What rests on consent is added only if it is alive
   * at this very moment: the insert itself asks.
   */
  append(events: readonly Event[], now: number): Promise<readonly Appended[]>
  /** How many there are of each type, whoever they are of. */
  counts(): Promise<ReadonlyMap<string, number>>
  /** Removes those whose retention has ended, at most so many, and says how many (GDPR Art. 5(1)(e)). */
  purge(now: number, limit: number): Promise<number>
}

export type Appended =
  | { readonly outcome: 'stored'; readonly position: string }
  /** It is there already. */
  | { readonly outcome: 'duplicate' }
  /** Another event of this source is there under this name. */
  | { readonly outcome: 'reused' }
  /** The consent it rests on is not in force, or its person is blocked. */
  | { readonly outcome: 'not_alive' }

/** Whether two events under one name are one: what was done and when. Who did it may have another pid since. */
export const isSameEvent = (one: Comparable, other: Comparable): boolean =>
  one.type === other.type &&
  one.occurredAt === other.occurredAt &&
  canonical(one.data) === canonical(other.data)

export type Comparable = Pick<Event, 'type' | 'occurredAt' | 'data'>

/** Objects are the same whatever the order of their members. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

/** Nobody knows what holds now, so nothing that rests on consent is taken. It passes by itself. */
export class ConsentNotCurrent extends Error {
  constructor() {
    super(sentenceOf('CONSENT_NOT_CURRENT'))
  }
}
