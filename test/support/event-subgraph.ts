import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { createChannel, type Channel } from './channel.ts'

/** A subgraph behind a real port that is subscribed to over server-sent events and over WebSocket, by the reference servers of both protocols. */
export interface EventSubgraph {
  readonly url: string
  /** Of the last subscription. */
  readonly channel: () => Channel<unknown>
  /** Resolves when somebody has subscribed since this was asked last. */
  subscribed(): Promise<void>
  /** What came with the last subscription: headers, or parameters of the connection; and the extensions of the request. */
  readonly received: () => {
    readonly headers: Readonly<Record<string, unknown>>
    readonly extensions: unknown
  }
  /** Breaks every connection. */
  cut(): void
  close(): Promise<void>
}

export interface EventSubgraphOptions {
  readonly schema: GraphQLSchema | string
  /** What the one subscription field of the schema is made from an event. */
  readonly fields: readonly string[]
}

export const startEventSubgraph = async ({
  schema: source,
  fields,
}: EventSubgraphOptions): Promise<EventSubgraph> => {
  const schema = typeof source === 'string' ? buildSchema(source) : source
  let channel = createChannel<unknown>()
  let tell: () => void = () => undefined
  let told = new Promise<void>((resolve) => (tell = resolve))
  let received: { headers: Readonly<Record<string, unknown>>; extensions: unknown } = {
    headers: {},
    extensions: null,
  }
  const subscribeFields = schema.getSubscriptionType()?.getFields() ?? {}
  for (const name of fields) {
    const field = subscribeFields[name]
    if (field === undefined) throw new Error(`no field ${name}`)
    field.subscribe = () => {
      channel = createChannel()
      tell()
      return channel
    }
    field.resolve = (event) => event
  }
  const sse = createHandler({
    schema,
    onSubscribe: (request, params) => {
      received = {
        headers: (request.raw as { headers: IncomingHttpHeaders }).headers,
        extensions: params.extensions,
      }
    },
  })
  const server = createServer((request, response) => void sse(request, response))
  const sockets = new WebSocketServer({ server })
  useServer(
    {
      schema,
      onSubscribe: (context, _, payload) => {
        received = { headers: { ...context.connectionParams }, extensions: payload.extensions }
      },
    },
    sockets,
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    channel: () => channel,
    async subscribed() {
      await told
      told = new Promise((resolve) => (tell = resolve))
    },
    received: () => received,
    cut,
    close: () => closeServer(server, cut),
  }
}

const closeServer = (server: Server, cut: () => void): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    cut()
  })
