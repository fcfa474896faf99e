import type { AssentError } from './errors.ts'

/**
 * How long one request may still cost anything. It ends by its deadline, or because the client has left; whatever runs for
 * it then stops. Lighter than an AbortSignal: most requests end by themselves, and then nobody had to be told.
 */
export interface Lifetime {
  /** On the clock of `performance.now()`. */
  readonly deadline: number
  /** Why it is over; null while it lasts. */
  readonly over: AssentError | null
  /** Calls `stop` once when it is over, at once if it already is. Returns how to stop listening. */
  onOver(stop: (cause: AssentError) => void): () => void
}

export interface EndableLifetime extends Lifetime {
  end(cause: AssentError): void
}

export const createLifetime = (deadline = Number.POSITIVE_INFINITY): EndableLifetime => {
  const listeners = new Set<(cause: AssentError) => void>()
  let over: AssentError | null = null
  return {
    deadline,
    get over() {
      return over
    },
    onOver(stop) {
      if (over !== null) stop(over)
      else listeners.add(stop)
      return () => void listeners.delete(stop)
    },
    end(cause) {
      if (over !== null) return
      over = cause
      for (const stop of listeners) stop(cause)
      listeners.clear()
    },
  }
}

/** Of what nobody waits for at a door: start-up questions, tests. */
export const UNENDING: Lifetime = createLifetime()
