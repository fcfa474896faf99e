import { AssentError } from '../errors.ts'
import type { EndableLifetime } from '../lifetime.ts'

/** Every stream that is open in this process. A stream is cheap to ask for and dear to keep, so there is a bound. */
export interface OpenStreams {
  /** Throws `STREAMS_EXHAUSTED` when there are as many as may be. The stream is forgotten when its lifetime is over. */
  enter(lifetime: EndableLifetime): void
  readonly count: number
  endAll(cause: AssentError): void
}

export const createOpenStreams = (
  most: number,
  onChange: (by: 1 | -1) => void = () => undefined,
): OpenStreams => {
  const streams = new Set<EndableLifetime>()
  return {
    enter(lifetime) {
      if (streams.size >= most) {
        const cause = new AssentError('STREAMS_EXHAUSTED', 'streams.most')
        lifetime.end(cause)
        throw cause
      }
      streams.add(lifetime)
      onChange(1)
      lifetime.onOver(() => {
        streams.delete(lifetime)
        onChange(-1)
      })
    },
    get count() {
      return streams.size
    },
    endAll(cause) {
      for (const lifetime of streams) lifetime.end(cause)
    },
  }
}
