/** What has to be over in time. */
export interface Expiring {
  /** On the clock of `performance.now()`. */
  readonly deadline: number
  expire(): void
}

/**
 * One coarse clock for everything under way: a timer a request would cost more than the request's other bookkeeping.
 * Nothing expires before its time, and everything at most one step after it.
 */
export interface Deadlines {
  add(one: Expiring): void
  remove(one: Expiring): void
}

export const createDeadlines = (stepMs: number): Deadlines => {
  const waiting = new Set<Expiring>()
  let timer: NodeJS.Timeout | undefined
  const step = (): void => {
    const now = performance.now()
    for (const one of waiting) {
      if (one.deadline > now) continue
      waiting.delete(one)
      one.expire()
    }
    if (waiting.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    add(one) {
      waiting.add(one)
      // Something waited for keeps the process by itself; a deadline alone does not.
      timer ??= setInterval(step, stepMs).unref()
    },
    remove: (one) => void waiting.delete(one),
  }
}
