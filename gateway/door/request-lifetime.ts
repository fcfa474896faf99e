import type { ServerResponse } from 'node:http'
import { AssentError } from '../errors.ts'
import { createLifetime } from '../lifetime.ts'
import type { EndableLifetime } from '../lifetime.ts'

/** As long as somebody waits for the answer: until the client leaves, and no longer than the limit. */
export const requestLifetime = (response: ServerResponse, timeoutMs: number): EndableLifetime => {
  const lifetime = createLifetime(performance.now() + timeoutMs)
  const timer = setTimeout(
    () => lifetime.end(new AssentError('REQUEST_TIMEOUT', 'request.timeoutMs')),
    timeoutMs,
  ).unref()
  response.once('close', () => {
    clearTimeout(timer)
    if (!response.writableFinished) lifetime.end(new AssentError('CLIENT_GONE', 'connection'))
  })
  return lifetime
}
