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
  stop(): void
}

export interface FollowModelOptions {
  readonly directory: string
  /** Where its items lie and are searched; default: in this process. */
  readonly vectors?: ModelVectors
  readonly log?: Log
  /** How often it is looked for another one, in milliseconds; null: only when told to. */
  readonly lookEveryMs?: number | null
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
}: FollowModelOptions): Promise<FollowedModel> {
  let seen = stampOf(directory)
  const served = async (): Promise<ItemFactors> => publishedFactors(readModel(directory, 'serving'), vectors)
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
  const timer = lookEveryMs === null ? null : setInterval(() => void lookOnce(), lookEveryMs)
  timer?.unref()
  return { current: () => factors, look: lookOnce, stop: () => void (timer !== null && clearInterval(timer)) }
}

const NOT_TAKEN = 'not taken'

/** The card is written last, so a model that is being written has an elder card, or none. */
function stampOf(directory: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(join(directory, 'model.json'))
    return [mtimeMs, ino, size].join(' ')
  } catch {
    return ''
  }
}
