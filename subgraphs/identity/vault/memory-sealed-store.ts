import type { WrappedKey } from './data-key-ring.ts'
import type { Entry } from './sealed-entry.ts'
import type { PendingBatch, SealedStore } from './sealed-store.ts'

/** Everything in maps. For tests and for reading: what the SQL store does in its own language is said here plainly. */
export function createMemorySealedStore(): SealedStore {
  const slots = new Map<string, Slot>()
  const pending = new Map<string, PendingBatch>()
  let nameKey: WrappedKey | null = null
  return {
    ...overEntries(slots, pending),
    nameKey: async () => nameKey,
    async keepNameKey(key) {
      nameKey ??= key
    },
    async rewrapNameKey(key) {
      nameKey = key
    },
    async write(entries, batch) {
      const written = entries.filter(({ name, version }) => {
        const slot = slots.get(name)
        return slot?.entry !== null && (slot?.version ?? 0) === version - 1
      })
      for (const entry of written) slots.set(entry.name, { version: entry.version, entry })
      pending.set(batch.id, batch)
      return new Set(written.map(({ name }) => name))
    },
    async under(otherThan, limit) {
      const entries = [...slots.values()].flatMap(({ entry }) => entry ?? [])
      return entries.filter(({ key }) => key.keyId !== otherThan).slice(0, limit)
    },
    async rewrap(entries) {
      for (const entry of entries) {
        const slot = slots.get(entry.name)
        if (slot?.entry && slot.version === entry.version) slots.set(entry.name, { ...slot, entry })
      }
    },
  }
}

/** What is there under a name; `entry` is null in a tombstone. */
interface Slot {
  readonly version: number
  readonly entry: Entry | null
}

function overEntries(
  slots: Map<string, Slot>,
  batches: Map<string, PendingBatch>,
): Pick<SealedStore, 'heads' | 'read' | 'settle' | 'erase' | 'pending' | 'drop'> {
  return {
    async heads(names) {
      return new Map(
        names.flatMap((name) => {
          const slot = slots.get(name)
          return slot ? [[name, { version: slot.version, isErased: slot.entry === null }] as const] : []
        }),
      )
    },
    read: async (names) => names.flatMap((name) => slots.get(name)?.entry ?? []),
    async settle(batch) {
      batches.delete(batch)
    },
    async erase(names) {
      for (const name of names) {
        const slot = slots.get(name)
        if (slot?.entry !== null) slots.set(name, { version: (slot?.version ?? 0) + 1, entry: null })
      }
    },
    async pending(before, limit) {
      const old = [...batches.values()].filter(({ at }) => at < before)
      return old.toSorted((a, b) => a.at - b.at).slice(0, limit)
    },
    async drop(batch, entries) {
      const same = entries.filter(({ name, version }) => {
        const slot = slots.get(name)
        return slot?.entry != null && slot.version === version
      })
      for (const { name } of same) slots.delete(name)
      batches.delete(batch)
      return same.length
    },
  }
}
