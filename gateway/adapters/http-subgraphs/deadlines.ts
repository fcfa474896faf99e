/** What has to be over in time. */
export interface Expiring {
  /** On the clock of `performance.now()`. */
  readonly deadline: number
  /** Where it waits; `NOWHERE` while it does not. Only its deadlines look at it. */
  place: number
  expire(): void
}

export const NOWHERE = -1

/**
 * One coarse clock for everything under way: a timer a request would cost more than the request's other bookkeeping.
 * Nothing expires before its time, and everything at most one step after it.
 */
export interface Deadlines {
  add(one: Expiring): void
  remove(one: Expiring): void
}

/**
 * A list in which each knows its place. In a `Set` that lives as long as the process, each table that became too small is left
 * behind in the old generation of the heap, and what was in it then is kept, with all its data, until that is collected:
 * more than half of what the collector had to do.
 */
export const createDeadlines = (stepMs: number): Deadlines => {
  const waiting: Expiring[] = []
  let timer: NodeJS.Timeout | undefined
  const remove = (one: Expiring): void => {
    if (one.place === NOWHERE) return
    const last = waiting.pop()
    if (last !== undefined && last !== one) {
      waiting[one.place] = last
      last.place = one.place
    }
    one.place = NOWHERE
  }
  const step = (): void => {
    const now = performance.now()
    for (const one of waiting.filter(({ deadline }) => deadline <= now)) {
      // One that expires may end others.
      if (one.place === NOWHERE) continue
      remove(one)
      one.expire()
    }
    if (waiting.length > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    add(one) {
      if (one.place !== NOWHERE) return
      one.place = waiting.length
      waiting.push(one)
      // Something waited for keeps the process by itself; a deadline alone does not.
      timer ??= setInterval(step, stepMs).unref()
    },
    remove,
  }
}
