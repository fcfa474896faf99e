import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createWebhookSender } from '../../delivery/webhook-sender.ts'
import type { Log } from '../../log.ts'
import type { Route } from '../../route.ts'
import type { ConsentWork } from '../graph/consent-work.ts'
import type { LinkedConsent } from '../graph/linked-consent.ts'
import type { ChangeFeed, ConsumerTerms } from './change-feed.ts'
import { deliverChanges } from './deliver-changes.ts'
import { feedMetrics } from './feed-metrics.ts'
import { feedRoutes } from './feed-routes.ts'
import { startSettler } from './settler.ts'
import { createFeedAlerts, feedLags } from './watch-feed.ts'

/** One consumer of pids as the settings have it. */
export interface FeedConsumerSettings extends ConsumerTerms {
  readonly url: string | null
  /** Where a new one starts. */
  readonly from: 'beginning' | 'now'
  readonly token: string | null
  readonly secrets: readonly string[]
}

export interface FeedOptions {
  readonly feed: ChangeFeed
  readonly work: ConsentWork
  readonly consent: LinkedConsent
  readonly consumers: readonly FeedConsumerSettings[]
  readonly operatorToken: string | null
  readonly log: Log
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface RunningFeed {
  readonly routes: readonly Route[]
  /** Something was decided. */
  wake(): void
  stop(): Promise<void>
}

const LEASE_MS = 30_000
const TIMEOUT_MS = 10_000
const POLL_MS = 1_000
const WATCH_MS = 5_000
const RETRY = { firstMs: 1_000, longestMs: 300_000 }

/** Everything that follows from a decision about who is who, for as long as the service runs. */
export async function startFeed(options: FeedOptions): Promise<RunningFeed> {
  const { feed, consumers, clock, pause = pauseFor } = options
  const newest = await feed.newest()
  await feed.configure(
    consumers.map(({ name, kind, slaMs, from }) => ({
      name,
      kind,
      slaMs,
      start: from === 'now' ? newest : '0',
    })),
  )
  const stopping = new AbortController()
  const settler = startSettler({ ...options, pause })
  const delivering = deliverAll({ ...options, pause }, stopping.signal)
  const watching = watch({ ...options, pause }, stopping.signal)
  return {
    routes: feedRoutes({
      ...options,
      pause,
      tokens: new Map(
        consumers.flatMap(({ name, kind, token }) =>
          kind === 'pull' && token !== null ? [[name, token]] : [],
        ),
      ),
      metrics: async () => feedMetrics(settler.waiting(), await feedLags(feed, clock)),
    }),
    wake: () => settler.wake(),
    async stop() {
      stopping.abort()
      await Promise.all([settler.stop(), delivering, watching])
    },
  }
}

type Running = FeedOptions & Required<Pick<FeedOptions, 'pause'>>

async function deliverAll(options: Running, stopping: AbortSignal): Promise<void> {
  const holder = randomUUID()
  await Promise.all(
    options.consumers.map(async ({ name, kind, url, secrets }) => {
      if (kind !== 'webhook' || url === null) return
      const { clock } = options
      const sender = createWebhookSender({ url, secrets, timeoutMs: TIMEOUT_MS, clock })
      const terms = { retry: RETRY, leaseMs: LEASE_MS, pollMs: POLL_MS, random: Math.random }
      await deliverChanges({ ...options, ...terms, consumer: name, sender, holder }, stopping)
      await sender.close()
    }),
  )
}

async function watch({ feed, clock, log, pause }: Running, stopping: AbortSignal): Promise<void> {
  const alert = createFeedAlerts(log)
  while (!stopping.aborted) {
    try {
      alert(await feedLags(feed, clock))
    } catch (error) {
      log(
        { error: (error as Error).name },
        'How late consumers of pids are is not known: the store does not answer.',
      )
    }
    await pause(WATCH_MS, stopping)
  }
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {})
}
