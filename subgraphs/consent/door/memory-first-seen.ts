import type { FirstSeen } from './first-seen.ts'

const SWEEP_EVERY = 1_000

/** In this process's memory: for tests, and for one replica that forgets when it ends. */
export function createMemoryFirstSeen(): FirstSeen {
  const seen = new Map<string, { readonly value: string; readonly until: number }>()
  let untilSweep = SWEEP_EVERY
  return {
    async remember(key, value, { now, until }) {
      if (--untilSweep <= 0) {
        untilSweep = SWEEP_EVERY
        for (const [old, entry] of seen) if (entry.until <= now) seen.delete(old)
      }
      const known = seen.get(key)
      if (known !== undefined && known.until > now) return { value: known.value, isNew: false }
      seen.set(key, { value, until })
      return { value, isNew: true }
    },
  }
}
