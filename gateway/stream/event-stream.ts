import { AssentError } from '../errors.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'
import type { StreamLifetime } from './stream-lifetime.ts'

/** What a client reads of a subscription. Ends when the subgraph does; throws the `AssentError` that ended it otherwise. */
export interface EventStream<Answer> extends AsyncIterableIterator<Answer> {
  return(): Promise<IteratorResult<Answer>>
}

export interface EventStreamOptions<Event, Answer> {
  readonly source: AsyncIterable<Event>
  /** Whoever ends it ends the stream, at once and on both sides. */
  readonly lifetime: StreamLifetime
  readonly mostWaitingEvents: number
  readonly answer: (event: Event) => Promise<Answer>
}

/**
 * One subscription between subgraph and client. Events wait as the subgraph sent them and are answered one at a time,
 * each when the client is ready to read it: what was decided about an event is never older than the reading of it.
 */
export const openEventStream = <Event, Answer>(
  options: EventStreamOptions<Event, Answer>,
): EventStream<Answer> => {
  const { source, lifetime, mostWaitingEvents, answer } = options
  const queue = createEventQueue<Event>(mostWaitingEvents)
  lifetime.onOver((cause) => queue.stop(cause))
  void pump(source, queue, lifetime)
  const next = async (): Promise<IteratorResult<Answer>> => {
    const event = await queue.next()
    if (event === undefined) return leave()
    lifetime.check()
    refuseWhenOver(lifetime)
    const value = await answer(event)
    // What was answered for somebody who may no longer read it is not given out.
    refuseWhenOver(lifetime)
    return { done: false, value }
  }
  const leave = async (): Promise<IteratorResult<Answer>> => {
    lifetime.end(new AssentError('CLIENT_GONE', 'stream'))
    return { done: true, value: undefined }
  }
  return {
    next: () =>
      next().catch(async (cause: unknown) => {
        await leave()
        throw cause
      }),
    return: leave,
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const refuseWhenOver = ({ over }: StreamLifetime): void => {
  if (over !== null) throw over
}

/** Reads eagerly, so that a subgraph is not held up by the slowest client; and boundedly, so that no client costs more than another. */
const pump = async <Event>(
  source: AsyncIterable<Event>,
  queue: EventQueue<Event>,
  lifetime: StreamLifetime,
): Promise<void> => {
  try {
    for await (const event of source) {
      if (lifetime.over !== null) return
      if (!queue.push(event))
        return lifetime.end(new AssentError('STREAM_TOO_SLOW', 'streams.maxWaitingEvents'))
    }
    queue.end()
  } catch (cause) {
    queue.end(cause instanceof Error ? cause : new AssentError('INTERNAL', 'stream', { cause }))
  }
}
