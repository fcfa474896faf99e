import type { Log } from '../../log.ts'
import type { ChangeFeed, FeedConsumer } from './change-feed.ts'

/** How far a consumer is behind, at one moment. */
export interface FeedLag {
  readonly consumer: FeedConsumer
  readonly behind: number
  /** How long the oldest change that it has not acknowledged waits, in milliseconds; null when none does. */
  readonly oldestMs: number | null
  readonly isLate: boolean
}

export async function feedLags(feed: ChangeFeed, clock: () => number): Promise<readonly FeedLag[]> {
  const newest = BigInt(await feed.newest())
  return Promise.all(
    (await feed.consumers()).map(async (consumer) => {
      const [oldest] = await feed.after(consumer.position, 1)
      const oldestMs = oldest === undefined ? null : Math.max(0, clock() - oldest.recordedAt)
      const behind = Number(newest - BigInt(consumer.position))
      return { consumer, behind, oldestMs, isLate: oldestMs !== null && oldestMs > consumer.slaMs }
    }),
  )
}

/** Says once that a consumer is later than agreed, and once that it no longer is. */
export function createFeedAlerts(log: Log): (lags: readonly FeedLag[]) => void {
  const late = new Set<string>()
  return (lags) => {
    for (const { consumer, behind, oldestMs, isLate } of lags) {
      const { name, slaMs, position } = consumer
      if (isLate === late.has(name)) continue
      const event = { consumer: name, position, behind, oldestMs, slaMs }
      if (isLate) {
        late.add(name)
        log(event, 'A consumer of pids is later than agreed; pids that were lost are kept for it.')
      } else {
        late.delete(name)
        log(event, 'A consumer of pids is no longer late.')
      }
    }
  }
}
