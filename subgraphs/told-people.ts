/** Of whom something was told that nobody has looked at yet. */
export interface ToldPeople {
  add(pids: readonly string[]): void
  take(): readonly string[]
}

export function createToldPeople(): ToldPeople {
  const waiting = new Set<string>()
  return {
    add(pids) {
      for (const pid of pids) waiting.add(pid)
    },
    take() {
      const taken = [...waiting]
      waiting.clear()
      return taken
    },
  }
}
