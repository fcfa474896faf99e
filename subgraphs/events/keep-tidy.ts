import type { Log } from '../log.ts'
import type { BatchMemory } from './entrance/batch-memory.ts'
import type { EventStore } from './event-store.ts'
import type { QuarantineStore } from './quarantine/quarantine-store.ts'

export interface TidyOptions {
  readonly store: Pick<EventStore, 'purge'>
  readonly quarantine: Pick<QuarantineStore, 'expire'>
  readonly batches: Pick<BatchMemory, 'forget'>
  readonly clock: () => number
  readonly log: Log
  /** How often, in milliseconds. */
  readonly everyMs?: number
}

const EVERY_MS = 60_000
const AT_ONCE = 5_000
/** How long it can be seen what became of an entry. */
const SETTLED_MS = 30 * 86_400_000

/** What may be kept only for a time goes when that is over, a part at a time, so that nobody waits behind it. */
export function keepTidy({ everyMs = EVERY_MS, ...options }: TidyOptions): { stop(): Promise<void> } {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= tidyOnce(options)
      .catch((error: unknown) => {
        options.log(
          { error: (error as Error).name },
          'What is past its time could not be removed; it is tried again.',
        )
      })
      .finally(() => {
        running = null
      })
  }, everyMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function tidyOnce({
  store,
  quarantine,
  batches,
  clock,
}: Omit<TidyOptions, 'everyMs' | 'log'>): Promise<void> {
  const now = clock()
  // oxlint-disable-next-line no-await-in-loop -- one part after the other
  while ((await store.purge(now, AT_ONCE)) === AT_ONCE);
  await quarantine.expire(now, now - SETTLED_MS)
  await batches.forget(now)
}
