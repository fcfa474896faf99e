import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { EventErrorCode } from '../../event-error-catalogue.ts'
import { sentenceOf, type SubgraphErrorCode } from '../../error-catalogue.ts'
import type { Log } from '../../log.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'
import { ConsentNotCurrent } from '../event-store.ts'

/** An address at which events come, as bytes that nobody has read yet. */
export interface EventRoute {
  readonly path: string
  readonly answer: (request: EventRequest) => Promise<RouteAnswer>
}

export interface EventRequest {
  readonly headers: IncomingHttpHeaders
  readonly params: Readonly<Record<string, string>>
  readonly body: Readable
}

/** How long who was turned away waits before they come again. */
export const RETRY = { 'retry-after': '1' }

export function refused(code: SubgraphErrorCode, place?: string): RouteAnswer {
  const status = STATUSES.get(code) ?? 400
  const error = { message: sentenceOf(code, place), extensions: { code } }
  const headers = {
    ...((status === 429 || status === 503) && RETRY),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
  return jsonAnswer(status, { errors: [error] }, headers)
}

/** Nothing was judged: it is sent again. What went wrong is for the log, and for it without a value. */
export function refusedFor(error: unknown, log?: Log): RouteAnswer {
  tell(error, log)
  return refused(codeOf(error))
}

export function tell(error: unknown, log?: Log): void {
  if (error instanceof ConsentNotCurrent) return
  const { name, code } = error as { name?: unknown; code?: unknown }
  log?.({ error: name, code }, 'Events could not be stored.')
}

export const codeOf = (error: unknown): 'CONSENT_NOT_CURRENT' | 'EVENTS_UNAVAILABLE' =>
  error instanceof ConsentNotCurrent ? 'CONSENT_NOT_CURRENT' : 'EVENTS_UNAVAILABLE'

const STATUSES: ReadonlyMap<string, number> = new Map<
  EventErrorCode | 'TOKEN_REFUSED' | 'STORE_UNAVAILABLE',
  number
>([
  ['TOKEN_REFUSED', 401],
  ['WEBHOOK_SIGNATURE_REFUSED', 401],
  ['EVENTS_TOO_MANY', 413],
  ['BATCH_ENCODING_UNKNOWN', 415],
  ['BATCH_TYPE_UNKNOWN', 415],
  ['IDEMPOTENCY_KEY_REUSED', 422],
  ['EVENTS_BUSY', 429],
  ['CONSENT_NOT_CURRENT', 503],
  ['EVENTS_UNAVAILABLE', 503],
])
