import { setTimeout as pauseFor } from 'node:timers/promises'
import { openDefinitions } from './features/definitions/definitions-in.ts'
import type { EventSource } from './features/materialise/event-source.ts'
import { createMaterialiser } from './features/materialise/materialiser.ts'
import type { FeaturesStore } from './features/store.ts'
import type { Log } from './log.ts'
import type { Currency } from './standing/standing-store.ts'

export interface FeaturesOptions {
  readonly features: FeaturesStore
  /** Default: there are none, and only what has run out is removed. */
  readonly events?: EventSource
  readonly currency: Pick<Currency, 'isCurrent'>
  readonly clock: () => number
  readonly log: Log
  /** Between two looks at what is new, in milliseconds. */
  readonly everyMs?: number
}

/** Computes features while events come in, windows move on and people agree; removes the values whose time has run out. */
export function openFeatures(options: FeaturesOptions): { stop(): Promise<void> } {
  const over = new AbortController()
  const running = keep(options, over.signal)
  return {
    async stop() {
      over.abort()
      await running
    },
  }
}

const PURGE_EVERY_MS = 60_000

async function keep(options: FeaturesOptions, isOver: AbortSignal): Promise<void> {
  const { features, clock, log, everyMs = 1_000 } = options
  const round = roundOf(options, isOver)
  let [purgedAt, failures] = [0, 0]
  while (!isOver.aborted) {
    // oxlint-disable no-await-in-loop -- one round after the other
    try {
      await round()
      if (clock() - purgedAt >= PURGE_EVERY_MS) {
        purgedAt = clock()
        await features.purge(purgedAt)
      }
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === 1)
        log(
          { error: (error as Error).name, code: (error as { code?: unknown }).code },
          'Features could not be computed; tried again.',
        )
    }
    await pauseFor(everyMs, undefined, { signal: isOver }).catch(() => undefined)
    // oxlint-enable no-await-in-loop
  }
}

function roundOf(
  { features: store, events, currency, clock }: FeaturesOptions,
  isOver: AbortSignal,
): () => Promise<void> {
  if (events === undefined) return async () => {}
  const materialiser = createMaterialiser({ definitions: openDefinitions(), store, events, clock })
  // What was heard of consent may be older than what is in force: nothing is computed by it.
  const goesOn = (): boolean => !isOver.aborted && currency.isCurrent(clock())
  return async () => {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    while (goesOn() && (await materialiser.takeEvents()) > 0);
    if (goesOn()) await materialiser.keepUp()
  }
}
