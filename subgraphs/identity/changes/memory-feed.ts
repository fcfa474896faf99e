import type { ChangeFeed, ConsumerTerms, FedChange, FeedConsumer, Position } from './change-feed.ts'

/** The feed in this process's memory, gone when it ends. */
export function createMemoryFeed(clock: () => number = Date.now): ChangeFeed {
  const log: FedChange[] = []
  const places = new Map<string, number>()
  const listeners = new Set<() => void>()
  return {
    async append(changes) {
      for (const change of changes) {
        if (places.has(change.id)) continue
        log.push({ ...change, position: String(log.length + 1), recordedAt: clock() })
        places.set(change.id, log.length)
      }
      for (const listener of listeners) listener()
    },
    after: async (position, limit) => log.slice(Number(position), Number(position) + limit),
    newest: async () => String(log.length),
    ...consumersIn((ids) => ids.map((id) => places.get(id) ?? Infinity), clock),
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

type OfConsumers = 'configure' | 'consumers' | 'handOut' | 'acknowledge' | 'areHeard' | 'take'

function consumersIn(
  placesOf: (ids: readonly string[]) => readonly number[],
  clock: () => number,
): Pick<ChangeFeed, OfConsumers> {
  const consumers = new Map<string, FeedConsumer>()
  let names: ReadonlySet<string> = new Set()
  const registered = (): FeedConsumer[] => [...consumers.values()].filter(({ name }) => names.has(name))
  const leases = new Map<string, { readonly holder: string; readonly until: number }>()
  const later = (one: Position, other: Position): Position => (Number(one) > Number(other) ? one : other)
  return {
    async configure(terms) {
      names = new Set(terms.map(({ name }) => name))
      for (const { start, ...one } of terms)
        consumers.set(one.name, placed(one, consumers.get(one.name), start))
    },
    consumers: async () => registered().toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    async handOut(name, upTo) {
      const known = consumers.get(name)
      if (known) consumers.set(name, { ...known, handedOut: later(known.handedOut, upTo) })
    },
    async acknowledge(name, upTo) {
      const known = consumers.get(name)
      if (known === undefined || Number(upTo) > Number(known.handedOut)) return false
      consumers.set(name, { ...known, position: later(known.position, upTo) })
      return true
    },
    async areHeard(ids) {
      const newest = Math.max(0, ...placesOf(ids))
      return newest < Infinity && registered().every(({ position }) => Number(position) >= newest)
    },
    async take({ consumer, holder, ms }) {
      const held = leases.get(consumer)
      if (held !== undefined && held.holder !== holder && held.until > clock()) return false
      leases.set(consumer, { holder, until: clock() + ms })
      return true
    },
  }
}

function placed(terms: ConsumerTerms, known: FeedConsumer | undefined, start: Position): FeedConsumer {
  return { position: start, handedOut: start, ...known, ...terms }
}
