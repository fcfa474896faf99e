/** A stream whose answers are changed on their way to the client; `ended` is called once it is over, however it ends. */
export const mapEvents = <Answer>(
  events: AsyncIterator<Answer>,
  change: (answer: Answer) => Answer,
  ended: () => void = () => undefined,
): AsyncIterator<Answer> => ({
  async next() {
    try {
      const event = await events.next()
      if (event.done !== true) return { done: false, value: change(event.value) }
      ended()
      return event
    } catch (cause) {
      ended()
      throw cause
    }
  },
  async return() {
    ended()
    await events.return?.()
    return { done: true, value: undefined }
  },
})
