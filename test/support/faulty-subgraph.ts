import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as it came over the wire. */
export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly response: ServerResponse
}

/** What becomes of a request. */
export type Fault = (received: Received, answer: string) => void

/** A subgraph on a real port that can be told to misbehave. */
export interface FaultySubgraph {
  readonly url: string
  /** What it does with every request from now on. */
  fault: Fault
  readonly received: Received[]
  /** Connections that are open to it. */
  readonly connections: ReadonlySet<Socket>
  /** Resolves with the next request. */
  next(): Promise<Received>
  /** Nothing listens on the port any more, until `up`. */
  down(): Promise<void>
  up(): Promise<void>
}

/** `answer` makes the body of a good answer from the body of the request. */
export const openFaultySubgraph = async (
  answer: (body: string) => string = () => '{"data":{}}',
): Promise<FaultySubgraph & AsyncDisposable> => {
  const received: Received[] = []
  const connections = new Set<Socket>()
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const one = { headers: request.headers, body, response }
        received.push(one)
        subgraph.fault(one, answer(body))
        server.emit('received', one)
      },
      () => response.destroy(),
    )
  })
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => connections.delete(socket))
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const down = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const subgraph: FaultySubgraph = {
    url: `http://127.0.0.1:${port}/graphql`,
    fault: FAULTS.none,
    received,
    connections,
    next: async () => ((await once(server, 'received')) as [Received])[0],
    down,
    up: () => listen(port),
  }
  return Object.assign(subgraph, { [Symbol.asyncDispose]: down })
}

/** The faults by name. Those that answer something say `leak`, which must never be seen outside. */
export const FAULTS = named({
  none: ({ response }, answer) => reply(response, answer),
  /** Takes the request and never says anything. */
  blackhole: () => undefined,
  resetBefore: ({ response }) => void response.socket?.resetAndDestroy(),
  /** Half an answer, then the connection is gone. */
  resetMidway: ({ response }, answer) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.write(answer.slice(0, answer.length / 2), () => response.socket?.resetAndDestroy())
  },
  unavailable: ({ response }) => reply(response, 'leak', { status: 503, type: 'text/plain' }),
  html: ({ response }) => reply(response, '<html>leak</html>', { type: 'text/html' }),
  htmlAsJson: ({ response }) => reply(response, '<html>leak</html>'),
  empty: ({ response }) => reply(response, ''),
  cutJson: ({ response }, answer) => reply(response, answer.slice(0, -2)),
  wrongShape: ({ response }) => reply(response, '{"leak":{"leak":"leak"}}'),
  dataIsAList: ({ response }) => reply(response, '{"data":["leak"]}'),
  dataIsAText: ({ response }) => reply(response, '{"data":"leak"}'),
  errorText: ({ response }) =>
    reply(
      response,
      '{"data":null,"errors":[{"message":"leak","extensions":{"code":"leak","leak":"leak","stacktrace":["leak"]}}]}',
    ),
  /** An answer without end, as fast as it is taken. */
  endless: ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"data":{"a":"')
    const chunk = 'leak'.repeat(16_384)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) continue
    }
    response.on('drain', more)
    more()
  },
})

function named<Name extends string>(faults: Record<Name, Fault>): Readonly<Record<Name, Fault>> {
  return faults
}

export const reply = (
  response: ServerResponse,
  body: string,
  { status = 200, type = 'application/json' }: { status?: number; type?: string } = {},
): void => void response.writeHead(status, { 'content-type': type }).end(body)

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
