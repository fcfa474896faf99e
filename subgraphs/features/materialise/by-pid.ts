import type { FeatureEvent } from './event-source.ts'

/** In the order they came. */
export function byPid(events: readonly FeatureEvent[]): ReadonlyMap<string, readonly FeatureEvent[]> {
  const grouped = new Map<string, FeatureEvent[]>()
  for (const event of events) {
    const known = grouped.get(event.pid)
    if (known === undefined) grouped.set(event.pid, [event])
    else known.push(event)
  }
  return grouped
}
