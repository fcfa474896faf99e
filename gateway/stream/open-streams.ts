import { AssentError } from '../errors.ts'
import type { EndableLifetime } from '../lifetime.ts'

/** Every stream that is open in this process. A stream is cheap to ask for and dear to keep, so there is a bound. */
export interface OpenStreams {
  /** Ends it at once with `STREAMS_EXHAUSTED` when there are as many as may be. The stream is forgotten when its lifetime is over. */
  enter(lifetime: EndableLifetime): void
  leave(lifetime: EndableLifetime): void
  /** Those that are open, and those that come after. */
  endAll(cause: AssentError): void
}

export const createOpenStreams = (
  most: number,
  onChange: (by: 1 | -1) => void = () => undefined,
): OpenStreams => {
  const streams = new Set<EndableLifetime>()
  let ended: AssentError | null = null
  return {
    enter(lifetime) {
      if (ended !== null) return lifetime.end(ended)
      if (streams.size >= most) return lifetime.end(new AssentError('STREAMS_EXHAUSTED', 'streams.most'))
      streams.add(lifetime)
      onChange(1)
      lifetime.onOver(() => {
        streams.delete(lifetime)
        onChange(-1)
      })
    },
    leave: (lifetime) => void streams.delete(lifetime),
    endAll(cause) {
      ended = cause
      for (const lifetime of streams) lifetime.end(cause)
    },
  }
}
