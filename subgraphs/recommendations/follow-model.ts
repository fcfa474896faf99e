import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import type { CurrentFactors, ItemFactors } from './item-factors.ts'
import { type ModelVectors, publishedFactors } from './published-factors.ts'
import { readModel } from './train/model-files.ts'
import { createMemoryVectors } from './vectors/memory-vectors.ts'

export interface FollowedModel {
  readonly current: CurrentFactors
  /** Looks whether there is another one, and takes it if it can be served; else the one before stays. */
  look(): Promise<void>
  /** Says that this one is served, and removes those that nobody has served for a day. */
  tend(): Promise<void>
  stop(): void
}

export interface FollowModelOptions {
  readonly directory: string
  /** Where its items lie and are searched; default: in this process. */
  readonly vectors?: ModelVectors
  readonly log?: Log
  /** How often it is looked for another one, in milliseconds; null: only when told to. */
  readonly lookEveryMs?: number | null
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/**
 * The model of a directory, for as long as it is served: its items are published as vectors before anything is ranked by them.
 * Throws the coded error of one that cannot be served to begin with: torn, or made in test mode, whose noise somebody could take
 * away. Later ones that cannot are left alone, and told of.
 */
export async function followModel({
  directory,
  vectors = createMemoryVectors(),
  log,
  lookEveryMs = 5_000,
  clock = Date.now,
}: FollowModelOptions): Promise<FollowedModel> {
  let seen = stampOf(directory)
  const served = async (): Promise<ItemFactors> =>
    publishedFactors(readModel(directory, 'serving'), vectors, clock())
  let factors = await served()
  const look = async (): Promise<void> => {
    const stamp = stampOf(directory)
    if (stamp === seen) return
    seen = stamp
    try {
      factors = await served()
      log?.({ model: factors.model }, 'Another model is in use.')
    } catch (error) {
      const { extensions } = error as { readonly extensions?: { readonly code?: unknown } }
      // A model that cannot be served stays so; what the store could not take now, it may take at the next look.
      if (extensions?.code === undefined) seen = NOT_TAKEN
      log?.(
        { code: extensions?.code, model: factors.model },
        'A new model cannot be served; the one before stays.',
      )
    }
  }
  let looking: Promise<void> | null = null
  const lookOnce = (): Promise<void> => (looking ??= look().finally(() => (looking = null)))
  const tend = (): Promise<void> => retireUnused(vectors, { inUse: factors.model, now: clock(), log })
  // What cannot be removed now can be an hour later: nobody is served by it.
  const tendQuietly = (): void => void tend().catch(() => {})
  tendQuietly()
  const timers = [setInterval(tendQuietly, TEND_EVERY_MS)]
  if (lookEveryMs !== null) timers.push(setInterval(() => void lookOnce(), lookEveryMs))
  for (const timer of timers) timer.unref()
  return { current: () => factors, look: lookOnce, tend, stop: () => timers.forEach(clearInterval) }
}

const NOT_TAKEN = 'not taken'

const TEND_EVERY_MS = 3_600_000

/** Other replicas may serve the one before for a while, and say so; what nobody has served for so long is of no use any more. */
const UNUSED_MS = 24 * 3_600_000

async function retireUnused(
  vectors: ModelVectors,
  { inUse, now, log }: { readonly inUse: string; readonly now: number; readonly log: Log | undefined },
): Promise<void> {
  await vectors.noteUse(inUse, now)
  for (const name of await vectors.unusedSince(now - UNUSED_MS)) {
    // oxlint-disable-next-line no-await-in-loop -- there is one, as a rule
    await vectors.retire(name)
    log?.({ model: name }, 'A model that nobody has served for a day is gone, with its vectors.')
  }
}

/** The card is written last, so a model that is being written has an elder card, or none. */
function stampOf(directory: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(join(directory, 'model.json'))
    return [mtimeMs, ino, size].join(' ')
  } catch {
    return ''
  }
}
