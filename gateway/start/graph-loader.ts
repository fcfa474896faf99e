import type { CurrentGraph } from './current-graph.ts'
import { digestOf } from './digest-of.ts'
import type { ProcessParts } from './process-parts.ts'
import { openServedGraph } from './served-graph.ts'

/** A supergraph loaded beside the one in service. One of the two must be called. */
export interface LoadedGraph {
  /** Serves all new requests from now on. */
  serve(): Promise<void>
  discard(): Promise<void>
}

export interface GraphLoader {
  /** Loads all that the supergraph needs. Rejects with every reason when it cannot be served; what is in service stays as it is. */
  load(supergraph: string): Promise<LoadedGraph>
}

export const createGraphLoader = (current: CurrentGraph, process: ProcessParts): GraphLoader => ({
  async load(supergraph) {
    const began = performance.now()
    const mustBeFenced = current.graph?.isFenced === true && !process.config.openGraph
    const { meter } = process.telemetry
    const isReload = current.graph !== null
    const graph = await openServedGraph(supergraph, process, { mustBeFenced }).catch((problem: unknown) => {
      if (isReload) meter?.add('reloads', { outcome: 'refused' })
      throw problem
    })
    const ms = Math.round(performance.now() - began)
    return {
      async serve() {
        const isFirst = current.graph === null
        current.replace(graph)
        if (isReload) meter?.add('reloads', { outcome: 'accepted' })
        const { log } = process
        log.info(
          { supergraph: digestOf(supergraph), ms },
          isFirst ? 'supergraph loaded' : 'supergraph reloaded',
        )
        if (!graph.isFenced)
          log.warn('the supergraph has no consent words: everything in it is served to anyone')
      },
      discard: () => graph.close(),
    }
  },
})
