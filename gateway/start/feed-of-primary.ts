import type { GraphLoader, LoadedGraph } from './graph-loader.ts'
import type { SupergraphFeed } from './supergraph-feed.ts'

/** In a worker: the primary says what to load and when to serve it, so that all workers change together or not at all. */
export interface FeedOfPrimary extends SupergraphFeed {
  /** Opens the door without a supergraph. */
  wait(): Promise<void>
  load(supergraph: string): Promise<void>
  serve(): Promise<void>
  discard(): Promise<void>
  readonly hasServed: () => boolean
}

interface Begun {
  readonly loader: GraphLoader
  readonly onWaiting: () => Promise<void>
}

export const feedOfPrimary = (): FeedOfPrimary => {
  const [begun, begin] = resolvable<Begun>()
  const [served, onServed] = resolvable<void>()
  let loaded: LoadedGraph | null = null
  let hasServed = false
  return {
    // Only the primary knows the source.
    problem: null,
    start(loader, onWaiting) {
      begin({ loader, onWaiting })
      return served
    },
    close: () => Promise.resolve(),
    wait: async () => (await begun).onWaiting(),
    async load(supergraph) {
      loaded = await (await begun).loader.load(supergraph)
    },
    async serve() {
      await loaded?.serve()
      loaded = null
      hasServed = true
      onServed()
    },
    async discard() {
      await loaded?.discard()
      loaded = null
    },
    hasServed: () => hasServed,
  }
}

const resolvable = <T>(): [promise: Promise<T>, resolve: (value: T) => void] => {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((onResolve) => (resolve = onResolve))
  return [promise, resolve]
}
