import { pauseBehind, type RetryTerms } from '../../delivery/retry.ts'
import type { Sender } from '../../delivery/sender.ts'
import type { Log } from '../../log.ts'
import { type ChangeFeed, type FedChange, type IdentityEvent, toIdentityEvent } from './change-feed.ts'

export interface DeliverOptions {
  readonly consumer: string
  readonly sender: Sender<IdentityEvent>
  readonly feed: ChangeFeed
  /** Who this is, among all replicas. */
  readonly holder: string
  readonly retry: Pick<RetryTerms, 'firstMs' | 'longestMs'>
  readonly leaseMs: number
  /** How often another replica's writes are looked for. */
  readonly pollMs: number
  readonly random: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly log: Log
}

const PAGE = 100

/**
 * Posts the feed to one consumer, one change after the other, each until it is taken: what comes behind one that was not
 * would be about pids the consumer has never heard of. Nothing is ever given up; who is late is told of by `watch-feed.ts`.
 */
export async function deliverChanges(options: DeliverOptions, stopping: AbortSignal): Promise<void> {
  const { feed, consumer, pollMs, pause, retry, random, log } = options
  let failures = 0
  while (!stopping.aborted) {
    const round = new AbortController()
    const forget = feed.onWrite(() => round.abort())
    const end = (): void => round.abort()
    stopping.addEventListener('abort', end, { once: true })
    try {
      const delivered = await deliverPage(options, stopping)
      failures = delivered === 'failed' ? failures + 1 : 0
      if (delivered === 'nothing') await pause(pollMs, round.signal)
      if (delivered === 'failed') await pause(pauseBehind(failures, retry, random), stopping)
    } catch (error) {
      log({ consumer, error: (error as Error).name }, 'Changes of pids wait for the store.')
      await pause(pollMs, stopping)
    } finally {
      forget()
      stopping.removeEventListener('abort', end)
    }
  }
}

/** `nothing`: there is none, or another replica delivers. */
type Delivered = 'taken' | 'failed' | 'nothing'

async function deliverPage(options: DeliverOptions, stopping: AbortSignal): Promise<Delivered> {
  const { feed, consumer, holder, leaseMs } = options
  if (!(await feed.take({ consumer, holder, ms: leaseMs }))) return 'nothing'
  const { position } = (await feed.consumers()).find(({ name }) => name === consumer) ?? {}
  const page = position === undefined ? [] : await feed.after(position, PAGE)
  for (const change of page) {
    if (stopping.aborted) return 'taken'
    // oxlint-disable-next-line no-await-in-loop -- in order, each taken before the next is sent
    if (!(await deliver(change, options))) return 'failed'
  }
  return page.length === 0 ? 'nothing' : 'taken'
}

async function deliver(change: FedChange, options: DeliverOptions): Promise<boolean> {
  const { feed, consumer, holder, leaseMs, sender, log } = options
  if (!(await feed.take({ consumer, holder, ms: leaseMs }))) return false
  const outcome = await sender.send(toIdentityEvent(change), `${change.position}-${consumer}`)
  if (!outcome.isTaken) {
    const { position } = change
    log({ consumer, position, reason: outcome.reason }, 'A change of pids was not taken, and is sent again.')
    return false
  }
  await feed.handOut(consumer, change.position)
  return feed.acknowledge(consumer, change.position)
}
