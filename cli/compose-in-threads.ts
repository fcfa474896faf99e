import type { ComposeOptions, Composition, SubgraphSource } from '../schema/compose.ts'
import type { Compose } from '../schema/check/side.ts'
import { inThread } from './in-thread.ts'

/** What the thread is given. */
export interface ToCompose {
  readonly sources: readonly SubgraphSource[]
  readonly options: ComposeOptions
}

/** Base and head are composed at once: what is done first is read here while the other is still composed. */
export const composeInThreads: Compose = (sources, options) =>
  inThread<Composition>(new URL('compose-thread.js', import.meta.url), {
    sources,
    options,
  } satisfies ToCompose)
