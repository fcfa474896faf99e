import type { CohortEvent, CohortEvents } from './cohort-events.ts'

/** An event as it is kept: alive for as long as nobody takes it out. */
export interface MemoryCohortEvent extends Omit<CohortEvent, 'position'> {
  readonly type: string
  readonly occurredAt: number
  readonly receivedAt: number
}

/** Events in this process; for tests and for a house that keeps none. */
export const createMemoryCohortEvents = (kept: readonly MemoryCohortEvent[] = []): CohortEvents => {
  const placed = kept.map((event, index) => ({ ...event, position: String(index + 1) }))
  return {
    ofType: async ({ type, from, to, receivedBefore }, { after, limit }) =>
      placed
        .slice(Number(after))
        .filter((event) => event.type === type && event.receivedAt < receivedBefore)
        .filter(({ occurredAt }) => occurredAt >= from && occurredAt < to)
        .slice(0, limit),
  }
}
