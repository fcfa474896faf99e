import type { People } from './people.ts'

/** For tests. Only who is not their own person is written down. */
export const createMemoryPeople = (): People => {
  const persons = new Map<string, string>()
  let at = '0'
  const personOf = (pid: string): string => persons.get(pid) ?? pid
  const put = (pid: string, person: string): void => {
    if (pid === person) persons.delete(pid)
    else persons.set(pid, person)
  }
  return {
    personsOf: async (pids) => new Map(pids.map((pid) => [pid, personOf(pid)])),
    concernedBy: async (pids) => {
      const asked = new Set(pids)
      const found = [...persons].filter(([, person]) => asked.has(person)).map(([pid]) => pid)
      return [...new Set([...asked, ...found])]
    },
    write: async (written, position) => {
      for (const [pid, person] of written) put(pid, person)
      at = position
    },
    position: async () => at,
    copyPids: async (renamed) => {
      for (const { from, to } of renamed) if (!persons.has(to)) put(to, personOf(from))
    },
    forgetPids: async (gone) => {
      for (const pid of gone) persons.delete(pid)
      for (const label of gone) {
        const left = [...persons].filter(([, person]) => person === label).map(([pid]) => pid)
        const [name] = left.toSorted()
        for (const pid of left) put(pid, name ?? pid)
      }
    },
  }
}
