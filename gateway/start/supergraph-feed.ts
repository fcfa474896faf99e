import type { AssentError } from '../errors.ts'
import type { GraphLoader } from './graph-loader.ts'

/** Brings supergraphs: the first one, and each later one. */
export interface SupergraphFeed {
  /** Why the newest supergraph is not in service; null when it is. */
  readonly problem: AssentError | null
  /**
   * Resolves when the first supergraph is served, rejects when it cannot be. `onWaiting` is told once when there is none
   * yet and one may come.
   */
  start(loader: GraphLoader, onWaiting: () => Promise<void>): Promise<void>
  /** Resolves when nothing more will be brought. */
  close(): Promise<void>
}

/** Brings one supergraph and never another. */
export const feedOfText = (supergraph: string): SupergraphFeed => ({
  problem: null,
  async start(loader) {
    const loaded = await loader.load(supergraph)
    await loaded.serve()
  },
  close: () => Promise.resolve(),
})
