/**
 * One coarse clock for everything under way: a timer a request would cost more than the request's other bookkeeping.
 * Nothing ends before its time, and at most one step after it.
 */
export interface Deadlines {
  /** Calls `expire` when `performance.now()` has passed `at`, unless it is taken back before. Returns how to do that. */
  at(at: number, expire: () => void): () => void
}

export const createDeadlines = (stepMs: number): Deadlines => {
  const waiting = new Set<Deadline>()
  let timer: NodeJS.Timeout | undefined
  const step = (): void => {
    const now = performance.now()
    for (const deadline of waiting) {
      if (deadline.at > now) continue
      waiting.delete(deadline)
      deadline.expire()
    }
    if (waiting.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    at(at, expire) {
      const deadline = { at, expire }
      waiting.add(deadline)
      // Something waited for keeps the process by itself; a deadline alone does not.
      timer ??= setInterval(step, stepMs).unref()
      return () => void waiting.delete(deadline)
    },
  }
}

interface Deadline {
  readonly at: number
  readonly expire: () => void
}
