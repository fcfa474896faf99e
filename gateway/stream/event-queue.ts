import type { AssentError } from '../errors.ts'

/**
 * Events between a subgraph that speaks when it likes and a client that reads when it can. It never grows beyond its
 * bound: what does not fit is refused, and whoever filled it decides what that means.
 */
export interface EventQueue<Event> {
  /** False when there is no room. */
  push(event: Event): boolean
  /** No more events will come: those that wait are still read, then the cause is thrown if there is one. */
  end(cause?: Error): void
  /** Nothing more is read, not even what waits. */
  stop(cause: AssentError): void
  /** The next event; undefined when there will be none. One reader, one read at a time. */
  next(): Promise<Event | undefined>
}

export const createEventQueue = <Event>(mostWaiting: number): EventQueue<Event> => {
  let waiting: Event[] = []
  const state: { ended: boolean; cause?: Error } = { ended: false }
  let wake: (() => void) | null = null
  const notify = (): void => {
    wake?.()
    wake = null
  }
  const finish = (cause: Error | undefined): void => {
    state.ended = true
    if (cause !== undefined) state.cause = cause
    notify()
  }
  return {
    push(event) {
      if (state.ended) return true
      if (waiting.length >= mostWaiting) return false
      waiting.push(event)
      notify()
      return true
    },
    end(cause) {
      if (state.ended) return
      finish(cause)
    },
    stop(cause) {
      waiting = []
      finish(cause)
    },
    async next() {
      while (waiting.length === 0 && !state.ended)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (waiting.length > 0) return waiting.shift()
      if (state.cause !== undefined) throw state.cause
      return undefined
    },
  }
}
