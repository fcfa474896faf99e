import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { AssentError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { healthPage } from './health.ts'
import type { Readiness } from './health.ts'
import { HeaderMap } from './graphql-door.ts'
import type { GraphqlDoor } from './graphql-door.ts'
import { listen } from './listen.ts'
import type { Page } from './page.ts'
import { internalError } from './present-error.ts'
import type { ReportUnexpected } from './present-error.ts'

export interface HttpDoorOptions {
  readonly graphql: Pick<GraphqlDoor, 'handle'>
  /** Files of the page that is shown at `/`, by path; none in production. */
  readonly pages: (path: string) => Page | undefined
  /** What `/health/ready` tells. */
  readonly readiness: () => Promise<Readiness>
  readonly host: string
  readonly port: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly drainMs: number
  /** Answer only to names of this machine: a web page must not reach an unproven gateway by renaming its own host (DNS rebinding). */
  readonly loopbackOnly: boolean
  readonly report: ReportUnexpected
}

export interface HttpDoor {
  readonly url: string
  close(): Promise<void>
}

/** The HTTP door: routes, limits and headers. A bare server: everything between it and the gateway costs time on every request. */
export const openHttpDoor = async (options: HttpDoorOptions): Promise<HttpDoor> => {
  const state = { stopping: false }
  const server = createServer(
    { maxHeaderSize: options.maxHeaderBytes, requestTimeout: 30_000 },
    (request, response) => {
      answer(request, response, options, state).catch(() => response.destroy())
    },
  )
  server.on('clientError', refuseUnreadable)
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async close() {
      state.stopping = true
      await drain(server, options.drainMs)
    },
  }
}

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
  state: { readonly stopping: boolean },
): Promise<void> => {
  const requestId = randomUUID()
  response.setHeader('x-request-id', requestId)
  response.setHeader('x-content-type-options', 'nosniff')
  if (state.stopping) response.setHeader('connection', 'close')
  try {
    await route(request, response, options, { requestId, stopping: state.stopping })
  } catch (problem) {
    const error = problem instanceof AssentError ? problem : internalError(problem, options.report, requestId)
    sendError(response, error)
  }
}

interface Asked {
  readonly requestId: string
  readonly stopping: boolean
}

const route = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
  { requestId, stopping }: Asked,
): Promise<void> => {
  const [pathname, search] = splitTarget(request.url ?? '/')
  if (options.loopbackOnly && !isLoopback(request.headers.host))
    throw new AssentError('HEADER_INVALID', 'host')
  if (pathname === '/graphql') {
    if (stopping) throw new AssentError('GATEWAY_STOPPING', '/graphql')
    return answerGraphql(request, response, options, { requestId, search })
  }
  const { readiness } = options
  const health = await healthPage(pathname, { readiness, stopping, accept: request.headers.accept })
  const page = health ?? options.pages(pathname)
  if (page === undefined) throw new AssentError('ROUTE_UNKNOWN', 'path')
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new AssentError('METHOD_NOT_ALLOWED', 'method')
  response.setHeader('content-security-policy', PAGE_POLICY)
  send(response, page.status ?? 200, page.type, page.body)
}

const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'"

const splitTarget = (target: string): [pathname: string, search: string] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)]
}

const isLoopback = (host = ''): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host)

const answerGraphql = async (
  request: IncomingMessage,
  response: ServerResponse,
  { graphql, maxBodyBytes }: HttpDoorOptions,
  { requestId, search }: { requestId: string; search: string },
): Promise<void> => {
  const method = request.method ?? ''
  if (method !== 'POST' && method !== 'GET') {
    response.setHeader('allow', 'GET, POST')
    throw new AssentError('METHOD_NOT_ALLOWED', 'method')
  }
  const body = method === 'POST' ? parseBody(await readBody(request, maxBodyBytes)) : undefined
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const result = await graphql.handle({ method, headers, search, body }, requestId)
  for (const [name, value] of result.headers) response.setHeader(name, value)
  if (result.body.kind !== 'complete') throw new AssentError('OPERATION_UNSUPPORTED', 'incremental delivery')
  // Answers are about people, and the next caller may be granted less.
  response.setHeader('cache-control', 'private, no-store')
  send(response, result.status ?? 200, undefined, result.body.string)
}

const JSON_UTF8 = /^application\/json *(; *charset *= *"?utf-8"? *)?$/i

const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': announced } = request.headers
  if (!JSON_UTF8.test(type ?? '')) throw new AssentError('BAD_REQUEST', 'header content-type')
  if (encoding !== undefined && encoding !== 'identity')
    throw new AssentError('BAD_REQUEST', 'header content-encoding')
  if (Number(announced ?? 0) > limit) throw new AssentError('REQUEST_TOO_LARGE', 'limits.bodyBytes')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new AssentError('REQUEST_TOO_LARGE', 'limits.bodyBytes')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const parseBody = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new AssentError('BAD_REQUEST', 'body')
  }
}

const sendError = (response: ServerResponse, error: AssentError): void => {
  if (response.headersSent) return void response.destroy()
  const { http, ...extensions } = error.extensions as { http: { status: number } }
  // What was not read of the request cannot be skipped on a kept connection.
  response.setHeader('connection', 'close')
  const body = JSON.stringify({ errors: [{ message: error.message, extensions }] })
  send(response, http.status, 'application/json; charset=utf-8', body)
}

// eslint-disable-next-line max-params -- the parts of an answer in the order they are written
const send = (
  response: ServerResponse,
  status: number,
  type: string | undefined,
  body: string | Buffer,
): void => {
  if (type !== undefined) response.setHeader('content-type', type)
  response.setHeader('content-length', Buffer.byteLength(body))
  response.writeHead(status).end(response.req.method === 'HEAD' ? undefined : body)
}

/** A request that is not HTTP, or whose headers are too long, gets an answer that is code and nothing else. */
const refuseUnreadable = (problem: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable || problem.code === 'ECONNRESET') return void socket.destroy()
  const tooLong = problem.code === 'HPE_HEADER_OVERFLOW'
  const code: ErrorCode = tooLong ? 'REQUEST_TOO_LARGE' : 'BAD_REQUEST'
  const error = new AssentError(code, tooLong ? 'limits.headerBytes' : 'request line and headers')
  const { http: _, ...extensions } = error.extensions
  const body = JSON.stringify({ errors: [{ message: error.message, extensions }] })
  const status = tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const drain = async (server: Server, drainMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(timer)
}
