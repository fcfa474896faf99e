import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { AssentError } from '../errors.ts'
import type { RequestObservation } from '../observe/observer.ts'
import { chooseMediaType } from './accept.ts'
import { answerText } from './answer-text.ts'
import { toldError } from './present-error.ts'
import { headOf } from './status-code.ts'
import type { StatusCodes } from './status-code.ts'

/** One request at the door and its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly pathname: string
  /** With the question mark; empty when there is none. */
  readonly search: string
  /** What every answer of this exchange carries, whatever becomes of it. */
  readonly headers: OutgoingHttpHeaders
  readonly statusCodes: StatusCodes
  /** True from when the gateway begins to stop. */
  readonly isStopping: () => boolean
  readonly watch: RequestObservation | undefined
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
}

/** Writes the whole answer at once. Does nothing when there is one already, or nobody to read it. */
export const reply = (exchange: Exchange, { status, type, body }: Reply): void => {
  const { response, request } = exchange
  if (response.headersSent || response.destroyed) return
  const head = exchange.headers
  // As text it would be measured, joined to its head and encoded, each of it in a copy of its own.
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  head['content-type'] = type
  head['content-length'] = bytes.length
  if (exchange.isStopping()) head['connection'] = 'close'
  const timing = exchange.watch?.serverTiming() ?? null
  if (timing !== null) head['server-timing'] = timing
  response.writeHead(status, head).end(bytes)
  if (!request.complete && hasBody(request)) leaveSoon(request)
}

/** An error of the catalogue alone. A client that takes no GraphQL at all gets it as JSON. */
export const refuse = (exchange: Exchange, error: AssentError): void => {
  const answer = { errors: [toldError(error)] }
  exchange.watch?.answered(answer)
  const accepted = chooseMediaType(exchange.request.headers.accept) ?? 'application/json'
  const { status, type } = headOf(answer, accepted, exchange.statusCodes)
  reply(exchange, { status, type: `${type}; charset=utf-8`, body: answerText(answer) })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Closed at once, a connection that still sends loses the answer with it; kept, it costs. So: a moment to read it. */
const leaveSoon = (request: IncomingMessage): void => {
  const timer = setTimeout(() => request.socket.destroy(), 500).unref()
  request.once('end', () => clearTimeout(timer)).resume()
}
