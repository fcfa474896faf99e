import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AssentError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { Observer, RequestObservation } from '../observe/observer.ts'
import { createOpenStreams } from '../stream/open-streams.ts'
import { answerGraphql, headersOf } from './answer-graphql.ts'
import type { GraphqlHttpOptions } from './answer-graphql.ts'
import { answerText } from './answer-text.ts'
import { trackConnections } from './connections.ts'
import { createCors } from './cors.ts'
import type { CorsOptions } from './cors.ts'
import { refuse, reply } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { healthPage } from './health.ts'
import type { Readiness } from './health.ts'
import { listen } from './listen.ts'
import type { Page } from './page.ts'
import { internalError, toldError } from './present-error.ts'
import type { ReportUnexpected } from './present-error.ts'
import type { StatusCodes } from './status-code.ts'
import { endSoon, takenInTime } from './taken-in-time.ts'
import { openWebSocketDoor } from './websocket-door.ts'
import type { WebSocketDoorOptions } from './websocket-door.ts'

export interface HttpDoorOptions
  extends
    Omit<GraphqlHttpOptions, 'cors' | 'streams'>,
    Pick<WebSocketDoorOptions, 'mostStreamsPerConnection'>,
    CorsOptions {
  /** Connections in all that streams may hold. */
  readonly mostStreams: number
  /** Files of the page that is shown at `/`, by path; none in production. */
  readonly pages: (path: string) => Page | undefined
  /** What `/health/ready` tells. */
  readonly readiness: () => Promise<Readiness>
  readonly host: string
  readonly port: number
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
  readonly statusCodes: StatusCodes
  readonly drainMs: number
  /** How long a client has to take an answer, for each megabyte begun. */
  readonly writeTimeoutMs: number
  /** Answer only to names of this machine: a web page must not reach an unproven gateway by renaming its own host (DNS rebinding). */
  readonly loopbackOnly: boolean
  readonly report: ReportUnexpected
  /** Null when nobody watches. */
  readonly observer: Observer | null
}

export interface HttpDoor {
  readonly url: string
  close(): Promise<void>
}

/** The HTTP door: routes, limits and headers. A bare server: everything between it and the gateway costs time on every request. */
export const openHttpDoor = async (options: HttpDoorOptions): Promise<HttpDoor> => {
  let stopping = false
  const { statusCodes, observer } = options
  const shared = { statusCodes, observer, isStopping: () => stopping }
  const streams = createOpenStreams(options.mostStreams)
  const served = { ...options, streams, cors: createCors(options) }
  const take: RequestListener = (request, response) => {
    connections.run(response)
    takenInTime(response, options.writeTimeoutMs)
    void answer(openExchange(request, response, shared), served)
  }
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes,
      requestTimeout: 30_000,
      joinDuplicateHeaders: true,
      // Refused below, with a reason.
      requireHostHeader: false,
      ...ONLY_WEBSOCKETS,
    },
    take,
  )
  const connections = trackConnections(server)
  // An expectation nobody knows is ignored instead of refused without a word (RFC 9110 §10.1.1).
  server.on('checkExpectation', take)
  // One more than allowed is kept, so that the rest is refused instead of dropped.
  server.maxHeadersCount = options.maxHeaders + 1
  server.on('clientError', refuseUnreadable)
  openWebSocketDoor(server, {
    ...served,
    incomingOf: headersOf,
    onUpgrade: (socket) => connections.leave(socket as Socket),
    refuseHead(request) {
      if (stopping) throw new AssentError('GATEWAY_STOPPING', '/graphql')
      refuseHead(request, options)
      if (targetOf(request).pathname !== '/graphql') throw new AssentError('ROUTE_UNKNOWN', 'path')
    },
  })
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async close() {
      stopping = true
      streams.endAll(new AssentError('GATEWAY_STOPPING', 'stream'))
      await connections.drain(options.drainMs)
    },
  }
}

/** Whoever offers to speak another protocol (`h2c`) is answered in this one, where Node.js can tell them apart. */
const ONLY_WEBSOCKETS: object = {
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
}

const openExchange = (
  request: IncomingMessage,
  response: ServerResponse,
  { statusCodes, isStopping, observer }: Pick<Exchange, 'statusCodes' | 'isStopping'> & Watched,
): Exchange => {
  const requestId = randomUUID()
  const { pathname, search } = targetOf(request)
  const headers = { 'x-request-id': requestId, 'x-content-type-options': 'nosniff' }
  const watch = pathname === '/graphql' ? observing(observer, { request, response, requestId }) : undefined
  return { request, response, requestId, pathname, search, headers, statusCodes, isStopping, watch }
}

type Watched = Pick<HttpDoorOptions, 'observer'>

/** Seen from here until the connection is done with it, whoever ends it. */
const observing = (
  observer: Observer | null,
  { request, response, requestId }: Pick<Exchange, 'request' | 'response' | 'requestId'>,
): RequestObservation | undefined => {
  const incoming = (name: string): string | undefined => request.headers[name]?.toString()
  const watch = observer?.begin({ requestId, method: request.method ?? '', incoming })
  if (watch === undefined) return undefined
  response.once('close', () => {
    const { headersSent, statusCode, writableFinished: isWhole } = response
    watch.end({ status: headersSent ? statusCode : CLIENT_CLOSED, isWhole })
  })
  return watch
}

/** Nobody was answered: as access logs write it. */
const CLIENT_CLOSED = 499

const targetOf = ({ url = '/' }: IncomingMessage): Pick<Exchange, 'pathname' | 'search'> => {
  const at = url.indexOf('?')
  return at < 0 ? { pathname: url, search: '' } : { pathname: url.slice(0, at), search: url.slice(at) }
}

type Served = HttpDoorOptions & GraphqlHttpOptions

const answer = async (exchange: Exchange, options: Served): Promise<void> => {
  try {
    await route(exchange, options)
  } catch (problem) {
    const isKnown = problem instanceof AssentError
    refuse(exchange, isKnown ? problem : internalError(problem, options.report, exchange.requestId))
  }
}

const route = async (exchange: Exchange, options: Served): Promise<void> => {
  const { request, pathname } = exchange
  refuseHead(request, options)
  if (pathname === '/graphql') {
    Object.assign(exchange.headers, options.cors.answer(request.headers))
    if (exchange.isStopping()) throw new AssentError('GATEWAY_STOPPING', '/graphql')
    return answerGraphql(exchange, options)
  }
  const { readiness } = options
  const { accept } = request.headers
  const health = await healthPage(pathname, { readiness, stopping: exchange.isStopping(), accept })
  const page = health ?? options.pages(pathname)
  if (page === undefined) throw new AssentError('ROUTE_UNKNOWN', 'path')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    exchange.headers['allow'] = 'GET, HEAD'
    throw new AssentError('METHOD_NOT_ALLOWED', 'method')
  }
  exchange.headers['content-security-policy'] = PAGE_POLICY
  reply(exchange, { status: page.status ?? 200, type: page.type, body: page.body })
}

/** What the headers alone decide, whatever is asked. */
const refuseHead = (
  { rawHeaders, headers: { host }, httpVersion }: IncomingMessage,
  { maxHeaders, loopbackOnly }: Pick<HttpDoorOptions, 'maxHeaders' | 'loopbackOnly'>,
): void => {
  if (rawHeaders.length > 2 * maxHeaders) throw new AssentError('HEADERS_TOO_LARGE', 'limits.headers')
  const isNameless = host === undefined && httpVersion === '1.1'
  if (isNameless || (loopbackOnly && !isLoopback(host))) throw new AssentError('HEADER_INVALID', 'host')
}

const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'"

const isLoopback = (host = ''): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host)

/** A request that is not HTTP, too long in its headers or too slow, gets an answer that is code and nothing else. */
const refuseUnreadable = (problem: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable || problem.code === 'ECONNRESET') return void socket.destroy()
  const [code, place, status] = UNREADABLE.get(problem.code ?? '') ?? NOT_HTTP
  const body = answerText({ errors: [toldError(new AssentError(code, place))] })
  endSoon(
    socket,
    `HTTP/1.1 ${status}\r\nconnection: close\r\nx-content-type-options: nosniff\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

type Unreadable = readonly [code: ErrorCode, place: string, status: string]

const NOT_HTTP: Unreadable = ['BAD_REQUEST', 'request line and headers', '400 Bad Request']

const UNREADABLE: ReadonlyMap<string, Unreadable> = new Map([
  ['HPE_HEADER_OVERFLOW', ['HEADERS_TOO_LARGE', 'limits.headerBytes', '431 Request Header Fields Too Large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['REQUEST_TOO_SLOW', 'connection', '408 Request Timeout']],
])
