import type { FeatureKey, FeatureRow, FeaturesStore } from './store.ts'

/** Features in this process; gone when it ends. */
export function createMemoryFeaturesStore(): FeaturesStore {
  const rows = new Map<string, FeatureRow>()
  return {
    async read(keys, now) {
      return [...new Set(keys.map(nameOf))].flatMap((name) => {
        const row = rows.get(name)
        return row && row.expiresAt > now ? [row] : []
      })
    },
    async write(added) {
      for (const row of added) rows.set(nameOf(row), row)
    },
    async purge(now) {
      const gone = [...rows].filter(([, { expiresAt }]) => expiresAt <= now)
      for (const [name] of gone) rows.delete(name)
      return gone.length
    },
    async copyPids(renamed) {
      const to = new Map(renamed.map((each) => [each.from, each.to]))
      const copies = [...rows.values()].map((row) => ({ ...row, pid: to.get(row.pid) ?? row.pid }))
      for (const copy of copies) if (!rows.has(nameOf(copy))) rows.set(nameOf(copy), copy)
    },
    async forgetPids(pids) {
      const gone = new Set(pids)
      for (const [name, { pid }] of rows) if (gone.has(pid)) rows.delete(name)
    },
  }
}

const nameOf = ({ pid, feature }: FeatureKey): string => JSON.stringify([pid, feature])
