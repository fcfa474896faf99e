import type { ServerResponse } from 'node:http'
import { AssentError } from '../errors.ts'
import { createLifetime } from '../lifetime.ts'
import type { EndableLifetime, Lifetime } from '../lifetime.ts'

/** As long as somebody waits for the answer: until the client leaves, and no longer than the limit. */
export const requestLifetime = (response: ServerResponse, timeoutMs: number): EndableLifetime =>
  limitedLifetime(clientLifetime(response), timeoutMs, (stop) => response.once('close', stop))

/** Until the client leaves. */
export const clientLifetime = (response: ServerResponse): EndableLifetime => {
  const lifetime = createLifetime()
  response.once('close', () => {
    if (!response.writableFinished) lifetime.end(new AssentError('CLIENT_GONE', 'connection'))
  })
  return lifetime
}

/** No longer than the limit; `whenDone` is given what to call when there is nothing left to end. */
export const limitedLifetime = (
  client: Lifetime,
  timeoutMs: number,
  whenDone: (stop: () => void) => void,
): EndableLifetime => {
  const lifetime = createLifetime(performance.now() + timeoutMs)
  const timer = setTimeout(
    () => lifetime.end(new AssentError('REQUEST_TIMEOUT', 'request.timeoutMs')),
    timeoutMs,
  ).unref()
  const unlisten = client.onOver((cause) => lifetime.end(cause))
  whenDone(() => {
    clearTimeout(timer)
    unlisten()
  })
  return lifetime
}
