import { pauseBehind } from '../../delivery/retry.ts'
import type { Log } from '../../log.ts'
import type { ConsentWork } from '../graph/consent-work.ts'
import type { LinkedConsent } from '../graph/linked-consent.ts'
import { settle } from '../graph/settle.ts'
import type { ChangeFeed } from './change-feed.ts'

export interface SettlerOptions {
  readonly work: ConsentWork
  readonly consent: LinkedConsent
  readonly feed: ChangeFeed
  readonly clock: () => number
  readonly log: Log
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random?: () => number
}

export interface Settler {
  /** Something was decided. */
  wake(): void
  /** What waited for consent when it was looked at last. */
  waiting(): Waiting
  stop(): Promise<void>
}

export interface Waiting {
  readonly merges: number
  /** How long the oldest of them has waited, in milliseconds; 0 when none does. */
  readonly oldestMs: number
  readonly unmerges: number
}

const IDLE_MS = 1_000
const RETRY = { firstMs: 250, longestMs: 30_000 }
const PAGE = 500
const NOTHING: Waiting = { merges: 0, oldestMs: 0, unmerges: 0 }

/**
 * Brings decisions into force when consent has heard of them, tells consent of what ended, and the feed of what came of it. All of
 * it is in the store with the decisions and may be done twice: whoever is killed anywhere goes on where it was.
 */
export function startSettler(options: SettlerOptions): Settler {
  const { work, consent, clock, log, pause, random = Math.random } = options
  const stopping = new AbortController()
  let bell = new AbortController()
  let waiting = NOTHING
  let failures = 0
  const round = async (): Promise<void> => {
    const { isDone } = await settle(work, consent, clock)
    await tellFeed(options)
    waiting = isDone ? NOTHING : await lookedAt(work, clock)
    failures = isDone ? 0 : failures + 1
    if (failures === 1) log({ ...waiting }, 'Merges of people wait for consent.')
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      bell = new AbortController()
      const end = AbortSignal.any([bell.signal, stopping.signal])
      try {
        await round()
      } catch (error) {
        failures += 1
        if (failures === 1)
          log({ error: (error as Error).name }, 'Decisions about people wait for the store.')
      }
      await pause(failures === 0 ? IDLE_MS : pauseBehind(failures, RETRY, random), end)
    }
  }
  const ended = run()
  return {
    wake: () => bell.abort(),
    waiting: () => waiting,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** First there, then no longer to be told: told twice it is there once. */
export async function tellFeed({ work, feed }: Pick<SettlerOptions, 'work' | 'feed'>): Promise<void> {
  for (;;) {
    const untold = await work.untold(PAGE)
    if (untold.length === 0) return
    await feed.append(untold)
    await work.told(untold.map(({ id }) => id))
  }
}

async function lookedAt(work: ConsentWork, clock: () => number): Promise<Waiting> {
  const pending = await work.pending(PAGE)
  const since = pending.flatMap(({ decisionId, links }) =>
    links.filter((link) => link.decisionId === decisionId),
  )
  const oldest = Math.min(clock(), ...since.map(({ at }) => at))
  return { merges: pending.length, oldestMs: clock() - oldest, unmerges: (await work.unheard(PAGE)).length }
}
