import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Log } from '../../log.ts'
import type { Route } from '../../route.ts'
import type { ConsentStore } from '../store.ts'
import { createAlerts } from './alerts.ts'
import { type Deliverer, type Pause, startDeliverer } from './deliverer.ts'
import { createLagMeasure, type Lag } from './lag.ts'
import { consumerMetrics } from './metrics.ts'
import type { OutboxStore } from './outbox-store.ts'
import { outboxRoutes } from './routes.ts'
import type { Sender } from '../../delivery/sender.ts'
import type { ConsumerSettings, DeliveryTerms } from './settings.ts'
import { createWebhookSender } from '../../delivery/webhook-sender.ts'

export interface OutboxOptions {
  readonly store: ConsentStore
  readonly outbox: OutboxStore
  readonly consumers: readonly ConsumerSettings[]
  readonly delivery: DeliveryTerms
  readonly operatorToken: string | null
  readonly log: Log
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly pause?: Pause
  readonly random?: () => number
}

export interface RunningOutbox {
  readonly routes: readonly Route[]
  stop(): Promise<void>
}

/** A delivery that is under way when its deliverer dies is taken over after this, and attempts end well before. */
const LEASE_MS = 30_000
const POLL_MS = 1_000
const WATCH_MS = 5_000
/** How often deliveries are summarised, and how many at once: nobody waits for it. */
const SUMMARISE_MS = 3_600_000
const SUMMARISED_AT_ONCE = 5_000
const DAY_MS = 86_400_000

/** Everything that tells others of changes of consent, for as long as the service runs. */
export async function startOutbox(options: OutboxOptions): Promise<RunningOutbox> {
  const { store, outbox, consumers, clock, pause = pauseFor } = options
  const newest = await store.revision()
  await outbox.configure(
    consumers.map(({ name, kind, scopes, url, slaMs, from }) => ({
      name,
      kind,
      scopes,
      url,
      slaMs,
      start: from === 'now' ? newest : '0',
    })),
  )
  const deliverers = await startDeliverers({ ...options, pause })
  const measure = createLagMeasure(store, clock)
  const names = new Set(consumers.map(({ name }) => name))
  const lags = async (): Promise<readonly Lag[]> =>
    Promise.all((await outbox.consumers()).filter(({ name }) => names.has(name)).map(measure))
  const stopping = new AbortController()
  const watched = watch({ ...options, lags, pause, stopping: stopping.signal })
  return {
    routes: outboxRoutes({
      ...options,
      tokens: new Map(
        consumers.flatMap(({ name, kind, token }) =>
          kind === 'pull' && token !== null ? [[name, token]] : [],
        ),
      ),
      lags,
      metrics: async () => consumerMetrics(await lags()),
      wake: (name) => deliverers.get(name)?.deliverer.wake(),
    }),
    async stop() {
      stopping.abort()
      await Promise.all([...deliverers.values()].map(({ deliverer }) => deliverer.stop()))
      await Promise.all([...deliverers.values()].map(({ sender }) => sender.close()))
      await watched
    },
  }
}

interface Delivering {
  readonly deliverer: Deliverer
  readonly sender: Sender
}

async function startDeliverers(
  options: OutboxOptions & { pause: Pause },
): Promise<ReadonlyMap<string, Delivering>> {
  const { consumers, delivery, random = Math.random } = options
  const holder = randomUUID()
  const deliverers = new Map<string, Delivering>()
  for (const terms of consumers) {
    const sender = await senderFor(terms, options)
    if (sender === null) continue
    const leaseMs = Math.max(LEASE_MS, 3 * delivery.timeoutMs)
    const deliverer = startDeliverer({
      ...options,
      terms,
      sender,
      holder,
      random,
      leaseMs,
      retry: delivery,
      concurrency: delivery.concurrency,
      pollMs: POLL_MS,
    })
    deliverers.set(terms.name, { deliverer, sender })
  }
  return deliverers
}

/** Null for a consumer that fetches by itself. The driver of NATS is loaded by those alone who use it. */
async function senderFor(
  { kind, url, secrets, token, stream }: ConsumerSettings,
  { delivery: { timeoutMs }, clock }: OutboxOptions,
): Promise<Sender | null> {
  if (kind === 'pull' || url === null) return null
  if (kind === 'webhook') return createWebhookSender({ url, secrets, timeoutMs, clock })
  const { createNatsSender } = await import('./nats-sender.ts')
  return createNatsSender({ url, token, stream, timeoutMs })
}

interface Watching extends OutboxOptions {
  readonly lags: () => Promise<readonly Lag[]>
  readonly pause: Pause
  readonly stopping: AbortSignal
}

async function watch({ lags, pause, log, stopping, ...options }: Watching): Promise<void> {
  const alert = createAlerts(log)
  let nextSummary = 0
  while (!stopping.aborted) {
    try {
      alert(await lags())
      if (options.clock() >= nextSummary) {
        await summariseOld(options, stopping)
        nextSummary = options.clock() + SUMMARISE_MS
      }
    } catch (error) {
      log(
        { error: (error as Error).name },
        'How late consumers of consent changes are is not known: the store does not answer.',
      )
    }
    await pause(WATCH_MS, stopping)
  }
}

async function summariseOld(
  { outbox, clock, delivery }: Pick<OutboxOptions, 'outbox' | 'clock' | 'delivery'>,
  stopping: AbortSignal,
): Promise<void> {
  const before = clock() - delivery.keepDays * DAY_MS
  let summarised = SUMMARISED_AT_ONCE
  while (summarised === SUMMARISED_AT_ONCE && !stopping.aborted)
    summarised = await outbox.summarise(before, SUMMARISED_AT_ONCE)
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {})
}
