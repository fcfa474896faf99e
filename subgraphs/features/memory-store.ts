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
  }
}

const nameOf = ({ pid, feature }: FeatureKey): string => JSON.stringify([pid, feature])
