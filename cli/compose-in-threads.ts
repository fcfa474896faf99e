import { Worker } from 'node:worker_threads'
import { compose, type Composition, type SubgraphSource } from '../schema/compose.ts'
import type { Compose } from '../schema/check/side.ts'

/** What the thread is given. */
export interface ToCompose {
  readonly sources: readonly SubgraphSource[]
  readonly options: Parameters<Compose>[1]
}

/**
 * Base and head of a large graph are composed at once, each in a thread: composing is nearly all that a check takes, and leaves so
 * much behind that half of it would go into collecting that, were the young generation as small as it is by default. Unbuilt
 * sources, which run in tests, cannot be loaded by a thread.
 */
export const composeInThreads: Compose = (sources, options) => {
  const size = sources.reduce((sum, { sdl }) => sum + sdl.length, 0)
  if (size < WORTH_A_THREAD || import.meta.url.endsWith('.ts')) return compose(sources, options)
  const workerData: ToCompose = { sources, options }
  const worker = new Worker(new URL('compose-thread.js', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', (composed: Composition) => resolve(composed))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended before it had composed')))
  })
}

/** Below it a thread takes longer to begin than to compose. */
const WORTH_A_THREAD = 200_000
const YOUNG_MB = 256
