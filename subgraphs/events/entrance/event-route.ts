import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { type EventErrorCode } from '../../event-error-catalogue.ts'
import { sentenceOf, type SubgraphErrorCode } from '../../error-catalogue.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'

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
const RETRY_SECONDS = 1

export function refused(code: SubgraphErrorCode, place?: string): RouteAnswer {
  const status = STATUSES.get(code) ?? 400
  const error = { message: sentenceOf(code, place), extensions: { code } }
  const headers = {
    ...((status === 429 || status === 503) && { 'retry-after': String(RETRY_SECONDS) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
  return jsonAnswer(status, { errors: [error] }, headers)
}

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
