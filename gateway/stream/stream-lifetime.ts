import { AssentError } from '../errors.ts'
import { createLifetime, type EndableLifetime, type Lifetime } from '../lifetime.ts'
import type { Caller, Clock } from '../ports.ts'

export interface StreamLifetime extends EndableLifetime {
  /** Looks at the clock, and ends what should have ended: a timer may be late. */
  check(): void
}

export interface StreamLifetimeOptions {
  /** Of the client's request: it ends when the client leaves. */
  readonly client: Lifetime
  readonly caller: Pick<Caller, 'expiresAt'>
  readonly clock: Clock
  readonly maxLifetimeSeconds: number
}

/**
 * How long a stream may last: while the client stays, while the token holds that proved the caller (nothing is given to
 * the bearer of a token that has run out, RFC 6750 §3.1), and no longer than any stream.
 */
export const createStreamLifetime = (options: StreamLifetimeOptions): StreamLifetime => {
  const { client, caller, clock, maxLifetimeSeconds } = options
  const lifetime = createLifetime()
  const longest = clock() + maxLifetimeSeconds * 1000
  const expiresAt = caller.expiresAt ?? Number.POSITIVE_INFINITY
  const [end, code] =
    expiresAt <= longest
      ? ([expiresAt, 'TOKEN_EXPIRED'] as const)
      : ([longest, 'STREAM_LIFETIME_OVER'] as const)
  const check = (): void => {
    if (clock() >= end) lifetime.end(new AssentError(code, 'stream'))
  }
  const stops = [atTime(end, clock, check), client.onOver((cause) => lifetime.end(cause))]
  lifetime.onOver(() => stops.forEach((stop) => stop()))
  return Object.assign(lifetime, { check })
}

/** What a timer can wait at most, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1

/** The clock is asked again when the timer rings: it need not run as the timer does. */
const atTime = (time: number, clock: Clock, run: () => void): (() => void) => {
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const left = Math.max(0, Math.min(time - clock(), LONGEST_WAIT))
    timer = setTimeout(() => (clock() >= time ? run() : wait()), left).unref()
  }
  wait()
  return () => clearTimeout(timer)
}
