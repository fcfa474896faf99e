import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import type { CurrentFactors, ItemFactors } from './item-factors.ts'
import { readModel } from './train/model-files.ts'
import type { Model } from './train/model.ts'
import { scores, userVector } from './train/user-vector.ts'

export interface FollowedModel {
  readonly current: CurrentFactors
  /** Looks whether there is another one, and takes it if it can be served; else the one before stays. */
  look(): void
  stop(): void
}

export interface FollowModelOptions {
  readonly directory: string
  readonly log?: Log
  /** How often it is looked for another one, in milliseconds; null: only when told to. */
  readonly lookEveryMs?: number | null
}

/**
 * The model of a directory, for as long as it is served. Throws the coded error of one that cannot be served to begin with:
 * torn, or made in test mode, whose noise somebody could take away. Later ones that cannot are left alone, and told of.
 */
export function followModel({ directory, log, lookEveryMs = 5_000 }: FollowModelOptions): FollowedModel {
  let seen = stampOf(directory)
  let factors = factorsOf(readModel(directory, 'serving'))
  const look = (): void => {
    const stamp = stampOf(directory)
    if (stamp === seen) return
    seen = stamp
    try {
      factors = factorsOf(readModel(directory, 'serving'))
      log?.({ model: factors.model }, 'Another model is in use.')
    } catch (error) {
      const { extensions } = error as { readonly extensions?: { readonly code?: unknown } }
      log?.(
        { code: extensions?.code, model: factors.model },
        'A new model cannot be served; the one before stays.',
      )
    }
  }
  const timer = lookEveryMs === null ? null : setInterval(look, lookEveryMs)
  timer?.unref()
  return { current: () => factors, look, stop: () => void (timer !== null && clearInterval(timer)) }
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

/** A person is to the model what they allow at this moment: the vector lives as long as the call. */
function factorsOf(model: Model): ItemFactors {
  const known = new Set(model.items)
  const popular = bestFirst(model.items, model.bias)
  return {
    model: `${model.card.kind}/${model.card.version}`,
    rank(history, most) {
      const own = history.filter((item) => known.has(item))
      if (own.length === 0) return []
      const taken = new Set(own)
      const scored = scores(
        model,
        userVector(
          model,
          own.map((item) => ({ item, weight: 1 })),
        ),
      )
      return bestFirst(model.items, scored)
        .filter((item) => !taken.has(item))
        .slice(0, most)
    },
    // What everybody did was read once and with noise, and where is not among it.
    popular: () => popular,
  }
}

const bestFirst = (items: readonly string[], score: Float32Array): readonly string[] =>
  items
    .map((item, place) => ({ item, score: score[place] ?? 0 }))
    .toSorted((a, b) => b.score - a.score || (a.item < b.item ? -1 : 1))
    .map(({ item }) => item)
