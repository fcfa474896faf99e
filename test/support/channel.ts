/** Events that a test emits when it likes, as the source of a subscription. */
export interface Channel<Event> extends AsyncIterableIterator<Event> {
  emit(event: Event): void
  /** The source has no more events. */
  finish(): void
  /** The source breaks. */
  fail(problem: Error): void
  /** Resolves when whoever listened has stopped. */
  readonly left: Promise<void>
}

export const createChannel = <Event>(): Channel<Event> => {
  const waiting: Event[] = []
  const state: { ended: boolean; problem?: Error } = { ended: false }
  let wake: () => void = () => undefined
  let leave: () => void = () => undefined
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  return {
    emit(event) {
      waiting.push(event)
      wake()
    },
    finish() {
      state.ended = true
      wake()
    },
    fail(problem) {
      state.ended = true
      state.problem = problem
      wake()
    },
    left,
    async next() {
      while (waiting.length === 0 && !state.ended)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      const event = waiting.shift()
      if (event !== undefined) return { done: false, value: event }
      if (state.problem !== undefined) throw state.problem
      return { done: true, value: undefined }
    },
    async return() {
      state.ended = true
      waiting.length = 0
      leave()
      wake()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
