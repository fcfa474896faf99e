import { type Client, createClient, type SubscribePayload } from 'graphql-ws'
import { WebSocket } from 'ws'
import { AssentError } from '../../errors.ts'
import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'
import { readAnswer } from '../http-subgraphs/read-answer.ts'
import type { OpenStream, StreamOptions } from './stream-options.ts'

/**
 * Subscriptions over WebSocket: the `graphql-transport-ws` protocol, one connection a subscription. The headers that a
 * request would carry, its signature among them, are the parameters of the connection.
 */
export const openWsStream =
  (options: StreamOptions): OpenStream =>
  (request) =>
    eventsOf(request, options)

async function* eventsOf(request: SubgraphRequest, options: StreamOptions): AsyncGenerator<SubgraphResponse> {
  const { subgraph, write, timeoutMs } = options
  const written = write(request)
  const connection = { isOpen: false }
  const client = connect(written.headers(timeoutMs), connection, options)
  const unlisten = request.lifetime.onOver(() => client.terminate())
  const results = client.iterate(JSON.parse(written.body.toString()) as SubscribePayload)
  try {
    for await (const result of results) yield read(subgraph, result)
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    if (request.lifetime.over !== null) throw request.lifetime.over
    const code = connection.isOpen ? 'SUBGRAPH_STREAM_BROKEN' : 'SUBGRAPH_UNREACHABLE'
    if (!Array.isArray(cause)) throw new AssentError(code, subgraph, { cause })
    // The subgraph refused the operation, and says why.
    yield read(subgraph, { errors: cause })
  } finally {
    unlisten()
    await client.dispose()
  }
}

const read = (subgraph: string, result: object): SubgraphResponse =>
  readAnswer(subgraph, JSON.stringify(result))

/** A subgraph that does not answer a ping for this long has gone. */
const PING_MS = 15_000

const connect = (
  headers: readonly string[],
  connection: { isOpen: boolean },
  { url, maxEventBytes, timeoutMs }: StreamOptions,
): Client => {
  let silence: NodeJS.Timeout | undefined
  const client = createClient({
    url: webSocketUrl(url),
    webSocketImpl: boundedSocket(maxEventBytes, timeoutMs),
    connectionParams: connectionParams(headers),
    connectionAckWaitTimeout: timeoutMs,
    retryAttempts: 0,
    shouldRetry: () => false,
    keepAlive: PING_MS,
    on: {
      connected: () => {
        connection.isOpen = true
      },
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), PING_MS).unref()
      },
      pong: (received) => {
        if (received) clearTimeout(silence)
      },
      closed: () => clearTimeout(silence),
    },
  })
  return client
}

const webSocketUrl = (url: URL): string => url.href.replace(/^http/, 'ws')

const boundedSocket = (maxPayload: number, handshakeTimeout: number) =>
  class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, { maxPayload, handshakeTimeout, perMessageDeflate: false })
    }
  }

const connectionParams = (headers: readonly string[]): Record<string, unknown> => {
  const params = Object.create(null) as Record<string, unknown>
  for (let at = 0; at + 1 < headers.length; at += 2) params[headers[at] ?? ''] = headers[at + 1]
  return params
}
