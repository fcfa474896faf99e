import { AssentError } from '../errors.ts'
import type { ServedGraph } from './served-graph.ts'

/** One request's hold on the graph it began with, to its end: an answer never mixes two graphs. */
export interface GraphLease {
  readonly graph: ServedGraph
  /** Calls `stop` when another graph has taken the place of this one: what has no end of its own should find one. */
  onReplaced(stop: () => void): void
  release(): void
}

/** The graph that serves new requests, and those before it that still serve what began with them. */
export interface CurrentGraph {
  /** Null until the first one is loaded. */
  readonly graph: ServedGraph | null
  /** Throws `GATEWAY_STARTING` until a graph is loaded. */
  lease(): GraphLease
  /** From now on new requests are served by `next`; the graph before it is closed when its last request has left. */
  replace(next: ServedGraph): void
  /** Closes all of them, and waits for it. */
  close(): Promise<void>
}

/** `onTrouble` is told when a graph cannot be closed. */
export const createCurrentGraph = (onTrouble: (problem: unknown) => void): CurrentGraph =>
  new GraphsInService(onTrouble)

interface Held {
  readonly graph: ServedGraph
  readonly stops: Set<() => void>
  leases: number
}

class GraphsInService implements CurrentGraph {
  readonly #onTrouble: (problem: unknown) => void
  readonly #open = new Set<Held>()
  readonly #closings = new Set<Promise<void>>()
  #current: Held | null = null
  #isClosed = false

  constructor(onTrouble: (problem: unknown) => void) {
    this.#onTrouble = onTrouble
  }

  get graph(): ServedGraph | null {
    return this.#current?.graph ?? null
  }

  lease(): GraphLease {
    const held = this.#current
    if (held === null) throw new AssentError('GATEWAY_STARTING', 'supergraph')
    held.leases += 1
    let isReleased = false
    const own = new Set<() => void>()
    return {
      graph: held.graph,
      onReplaced: (stop) => {
        own.add(stop)
        held.stops.add(stop)
      },
      release: () => {
        if (isReleased) return
        isReleased = true
        for (const stop of own) held.stops.delete(stop)
        held.leases -= 1
        this.#retire(held)
      },
    }
  }

  replace(next: ServedGraph): void {
    const before = this.#current
    const held = { graph: next, stops: new Set<() => void>(), leases: 0 }
    this.#open.add(held)
    if (this.#isClosed) return this.#retire(held)
    this.#current = held
    if (before === null) return
    for (const stop of before.stops) stop()
    this.#retire(before)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#current = null
    for (const held of this.#open) {
      held.leases = 0
      this.#retire(held)
    }
    await Promise.all(this.#closings)
  }

  #retire(held: Held): void {
    if (held === this.#current || held.leases > 0 || !this.#open.delete(held)) return
    const closing = held.graph.close().catch(this.#onTrouble)
    this.#closings.add(closing)
    void closing.finally(() => this.#closings.delete(closing))
  }
}
