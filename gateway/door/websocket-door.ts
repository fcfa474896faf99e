import type { IncomingMessage, Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { AssentError } from '../errors.ts'
import { createLifetime } from '../lifetime.ts'
import type { IncomingHeaders } from '../ports.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { answerText } from './answer-text.ts'
import { toldError } from './present-error.ts'
import { endSoon } from './taken-in-time.ts'
import { WebSocketConnection, type WebSocketOptions } from './websocket-connection.ts'

export interface WebSocketDoorOptions extends WebSocketOptions {
  /** Exact origins whose pages may connect beside our own, or `*`. */
  readonly corsOrigins: readonly string[]
  /** Throws `AssentError` when the head of a request alone is refused. */
  readonly refuseHead: (request: IncomingMessage) => void
  /** From here on the connection is ours. */
  readonly onUpgrade: (socket: Duplex) => void
  readonly incomingOf: (request: IncomingMessage) => IncomingHeaders
  /** Connections of the door, which it ends when it closes. */
  readonly streams: OpenStreams
  readonly drainMs: number
}

/** GraphQL over WebSocket on the port of the HTTP door, at `/graphql`. */
export const openWebSocketDoor = (server: Server, options: WebSocketDoorOptions): void => {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression costs memory for every connection, and tells of secrets by length (CRIME).
    perMessageDeflate: false,
    maxPayload: options.maxBodyBytes,
    handleProtocols: () => GRAPHQL_TRANSPORT_WS_PROTOCOL,
  })
  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, options)
    if (refusal !== null) return refuseUpgrade(socket, refusal)
    options.onUpgrade(socket)
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, request, options))
  })
}

const serve = (socket: WebSocket, request: IncomingMessage, options: WebSocketDoorOptions): void => {
  const connection = new WebSocketConnection(socket, options.incomingOf(request), options)
  const lifetime = createLifetime()
  lifetime.onOver((cause) => {
    connection.stop(cause)
    const timer = setTimeout(() => socket.terminate(), options.drainMs)
    socket.once('close', () => clearTimeout(timer))
  })
  socket.once('close', () => options.streams.leave(lifetime))
  options.streams.enter(lifetime)
}

const refusalOf = (request: IncomingMessage, options: WebSocketDoorOptions): AssentError | null => {
  try {
    options.refuseHead(request)
    refuseForeign(request, options.corsOrigins)
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    if (!offered.includes(GRAPHQL_TRANSPORT_WS_PROTOCOL))
      throw new AssentError('HEADER_INVALID', 'sec-websocket-protocol')
    return null
  } catch (problem) {
    return problem instanceof AssentError ? problem : new AssentError('INTERNAL', 'upgrade')
  }
}

/**
 * A browser lets any page open a WebSocket anywhere, with the cookies of whoever looks at the page: pages of other origins
 * are refused unless they are listed (cross-site WebSocket hijacking, CWE-1385). Programs send no origin.
 */
const refuseForeign = ({ headers: { origin, host } }: IncomingMessage, allowed: readonly string[]): void => {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new AssentError('ORIGIN_REFUSED', 'origin')
}

const refuseUpgrade = (socket: Duplex, error: AssentError): void => {
  const { status } = error.extensions['http'] as { readonly status: number }
  const body = answerText({ errors: [toldError(error)] })
  endSoon(
    socket,
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\nx-content-type-options: nosniff\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
