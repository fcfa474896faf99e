import { type Acknowledgement, isBefore, type Lease, type LeaseStore } from './lease-store.ts'

/** Leases in this process's memory: for a service that has no other replica. */
export function createMemoryLeaseStore(clock: () => number = Date.now): LeaseStore {
  const leases = new Map<string, Lease>()
  const told: (Acknowledgement & { readonly revision: string })[] = []
  let count = 0
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    async hold(holder, acknowledged, ms = 0) {
      const known = leases.get(holder)
      const isNews = known === undefined || isBefore(known.acknowledged, acknowledged)
      leases.set(holder, {
        holder,
        acknowledged: isNews ? acknowledged : known.acknowledged,
        renewals: (count += 1),
        ms: Math.max(ms, known?.ms ?? 0),
      })
      if (isNews) told.push({ holder, revision: acknowledged, at: clock() })
      if (told.length > MOST_REMEMBERED) told.splice(0, told.length - MOST_REMEMBERED)
      changed()
    },
    async leases() {
      return [...leases.values()]
    },
    async remove({ holder, renewals }) {
      if (leases.get(holder)?.renewals === renewals) leases.delete(holder)
      changed()
    },
    async release(holder) {
      leases.delete(holder)
      changed()
    },
    async acknowledgements(revision) {
      const first = new Map<string, Acknowledgement>()
      for (const { holder, revision: acknowledged, at } of told)
        if (!isBefore(acknowledged, revision) && !first.has(holder)) first.set(holder, { holder, at })
      return [...first.values()]
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const MOST_REMEMBERED = 10_000
