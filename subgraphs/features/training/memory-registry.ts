import type { RegisteredSet, TrainingRegistry } from './training-registry.ts'

/** Which sets people are in, in this process; gone when it ends. */
export function createMemoryTrainingRegistry(): TrainingRegistry {
  const sets = new Map<string, RegisteredSet>()
  return {
    async register(set, replaces) {
      if (replaces !== undefined) sets.delete(replaces)
      if (!sets.has(set.id)) sets.set(set.id, set)
    },
    async setsOf(pid) {
      return [...sets.values()]
        .filter(({ rests }) => rests.some((one) => one.pid === pid))
        .toSorted((a, b) => a.builtAt - b.builtAt || (a.id < b.id ? -1 : 1))
        .map((set) => ({
          ...set,
          rests: set.rests.flatMap(({ pid: whose, ...rest }) => (whose === pid ? [rest] : [])),
        }))
    },
    async peopleOf(id) {
      return [...new Set((sets.get(id)?.rests ?? []).map(({ pid }) => pid))].toSorted()
    },
    async copyPids(renamed) {
      for (const [id, set] of sets) {
        const copies = renamed.flatMap(({ from, to }) =>
          set.rests.filter(({ pid }) => pid === from).map((one) => ({ ...one, pid: to })),
        )
        const there = new Set(set.rests.map((one) => JSON.stringify(one)))
        const added = copies.filter((one) => !there.has(JSON.stringify(one)))
        sets.set(id, { ...set, rests: [...set.rests, ...added] })
      }
    },
    async forgetPids(pids) {
      for (const [id, set] of sets)
        sets.set(id, { ...set, rests: set.rests.filter(({ pid }) => !pids.includes(pid)) })
    },
  }
}
