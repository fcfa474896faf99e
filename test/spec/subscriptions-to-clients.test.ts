import { createClient as createSseClient } from 'graphql-sse'
import { WebSocket } from 'ws'
import { afterEach, describe, expect, test } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import { createChannel } from '../support/channel.ts'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'
import { canary } from '../support/people-graph.ts'
import { type Asking, type OperationReader, readOver, type Transport } from '../support/read-events.ts'

let door: PeopleDoor
const readers: OperationReader[] = []

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.leave()))
  await door.close()
})

const read = (transport: Transport, query: string, asking: Partial<Asking> = {}): OperationReader => {
  const reader = readOver(transport, door.url, { query, ...asking })
  readers.push(reader)
  return reader
}

/** The code of the error that ends an operation; `answered` when it is answered instead. */
const codeOf = async (reader: OperationReader): Promise<unknown> => {
  const told: unknown = await reader.next().catch((cause: unknown) => cause)
  const { errors = told } = (told ?? {}) as { errors?: unknown }
  const [first] = Array.isArray(errors) ? (errors as { extensions: { code: string } }[]) : []
  return first?.extensions.code ?? 'answered'
}

const ARRIVED = 'subscription { arrived { name email } }'
const email = canary('ada', 'email')

describe.each(['sse', 'multipart', 'ws'] as const)('a client subscribes over %s', (transport) => {
  test('and reads each event, answered for the moment it is read, until there are no more', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    expect(await first).toEqual({ data: { arrived: { name: 'Ada', email } } })

    door.events.consents['ada'] = { contact: 'withdrawn' }
    door.events.channel().emit(['ada'])
    expect(await reader.next()).toMatchObject({
      data: { arrived: { name: 'Ada', email: null } },
      extensions: { consent: { withheld: [{ coordinate: 'Person.email', reason: 'WITHDRAWN' }] } },
    })

    door.events.channel().finish()
    expect(await reader.next()).toBeNull()
  })

  test('a query is answered, too', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, 'query ($id: ID!) { person(id: $id) { name } }', {
      variables: { id: 'ada' },
    })
    expect(await reader.next()).toEqual({ data: { person: { name: 'Ada' } } })
    expect(await reader.next()).toBeNull()
  })

  test('a client that leaves ends the subscription in the subgraph at once', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    await reader.leave()
    await door.events.channel().left
  })

  test('a subgraph that breaks off is told with its code', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    door.events.channel().fail(new AssentError('SUBGRAPH_STREAM_BROKEN', 'people'))
    expect(await codeOf(reader)).toBe('SUBGRAPH_STREAM_BROKEN')
  })

  test('a gateway that stops says so, and stops', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const code = codeOf(reader)
    await door.events.subscribed()
    const closed = door.close()
    expect(await code).toBe('GATEWAY_STOPPING')
    await closed
  })

  test('a token that runs out ends the stream with its code', async () => {
    door = await openPeopleDoor({ expiresAt: Date.now() + 300, world: { clock: () => Date.now() } })
    const reader = read(transport, ARRIVED)
    expect(await codeOf(reader)).toBe('TOKEN_EXPIRED')
  })

  test('a caller who is nobody is refused', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED, { headers: { authorization: 'nobody' } })
    expect(await codeOf(reader)).toBe('TOKEN_INVALID')
  })

  test('a document that does not fit is refused in the words of any other request', async () => {
    door = await openPeopleDoor()
    expect(await codeOf(read(transport, 'subscription { arrived { shoeSize } }'))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(await codeOf(read(transport, 'subscription { arrived'))).toBe('GRAPHQL_PARSE_FAILED')
    expect(await codeOf(read(transport, 'subscription { arrived { name } count }'))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(
      await codeOf(
        read(transport, 'subscription ($no: Boolean!) { arrived @include(if: $no) { name } }', {
          variables: { no: false },
        }),
      ),
    ).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('a WebSocket', () => {
  /** Messages as they are on the wire, without a client between. */
  const connect = (options: { readonly protocol?: string; readonly origin?: string } = {}) => {
    const { protocol = 'graphql-transport-ws', origin } = options
    const socket = new WebSocket(
      `${door.url.replace('http', 'ws')}/graphql`,
      protocol,
      origin ? { origin } : {},
    )
    const received = createChannel<string>()
    socket.on('message', (data: Buffer) => received.emit(data.toString()))
    socket.on('error', () => undefined)
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    return {
      closed,
      opened: new Promise<void>((resolve) => socket.once('open', resolve)),
      refused: new Promise<number>((resolve) =>
        socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode)),
      ),
      say: (message: object | string) =>
        socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      heard: async () => JSON.parse(String((await received.next()).value)) as Record<string, unknown>,
      socket,
    }
  }

  const begin = async (options: Parameters<typeof connect>[0] = {}) => {
    const connection = connect(options)
    await connection.opened
    connection.say({ type: 'connection_init', payload: {} })
    expect(await connection.heard()).toEqual({ type: 'connection_ack' })
    return connection
  }

  const subscribe = (id: string, query = ARRIVED) => ({ id, type: 'subscribe', payload: { query } })

  test('of a page of another origin is refused, of our own and of a listed one it is not', async () => {
    door = await openPeopleDoor({ http: { corsOrigins: ['https://shop.example'] } })
    const foreign = connect({ origin: 'https://evil.example' })
    expect(await foreign.refused).toBe(403)
    foreign.socket.terminate()
    for (const origin of ['https://shop.example', door.url]) (await begin({ origin })).socket.terminate()
  })

  test('of another protocol, or anywhere else, is refused', async () => {
    door = await openPeopleDoor()
    const old = connect({ protocol: 'graphql-ws' })
    expect(await old.refused).toBe(400)
    old.socket.terminate()
  })

  test('does nothing before it was begun, and is begun once', async () => {
    door = await openPeopleDoor()
    const early = connect()
    await early.opened
    early.say(subscribe('1'))
    expect(await early.closed).toBe(4401)
    const twice = await begin()
    twice.say({ type: 'connection_init' })
    expect(await twice.closed).toBe(4429)
  })

  test('says nothing it does not mean', async () => {
    door = await openPeopleDoor()
    for (const nonsense of ['{', '[]', '{"type":7}', '{"type":"no"}', '{"type":"subscribe","id":7}']) {
      const connection = await begin()
      connection.say(nonsense)
      expect(await connection.closed).toBe(4400)
    }
  })

  test('answers a ping', async () => {
    door = await openPeopleDoor()
    const connection = await begin()
    connection.say({ type: 'ping' })
    expect(await connection.heard()).toEqual({ type: 'pong' })
    connection.socket.terminate()
  })

  test('has one operation of a name, and no more of them than may be', async () => {
    door = await openPeopleDoor({ http: { mostStreamsPerConnection: 1 } })
    const connection = await begin()
    connection.say(subscribe('1'))
    await door.events.subscribed()
    connection.say(subscribe('2'))
    expect(await connection.heard()).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'STREAMS_EXHAUSTED' } }],
    })
    connection.say(subscribe('1'))
    expect(await connection.closed).toBe(4409)
    await door.events.channel().left
  })

  test('completes an operation at once, and its name is free again', async () => {
    door = await openPeopleDoor()
    const connection = await begin()
    connection.say(subscribe('1'))
    await door.events.subscribed()
    connection.say({ id: '1', type: 'complete' })
    await door.events.channel().left
    connection.say(subscribe('1', '{ person(id: "ada") { name } }'))
    expect(await connection.heard()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { person: { name: 'Ada' } } },
    })
    expect(await connection.heard()).toEqual({ id: '1', type: 'complete' })
    connection.socket.terminate()
  })

  test('that does not answer a ping is gone, and its streams with it', async () => {
    door = await openPeopleDoor({ http: { pingMs: 20 } })
    const connection = await begin()
    connection.say(subscribe('1'))
    await door.events.subscribed()
    connection.socket.pause()
    await door.events.channel().left
    connection.socket.terminate()
  })

  test('takes from the parameters of the connection who asks, and nothing that a proxy would say', async () => {
    door = await openPeopleDoor()
    const connection = connect()
    await connection.opened
    connection.say({ type: 'connection_init', payload: { headers: { Authorization: 'nobody' } } })
    await connection.heard()
    connection.say(subscribe('1'))
    expect(await connection.heard()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'TOKEN_INVALID' } }],
    })
    connection.socket.terminate()
  })

  test('a message larger than a body may be is not taken in', async () => {
    door = await openPeopleDoor({ http: { maxBodyBytes: 1000 } })
    const connection = await begin()
    connection.say(subscribe('1', `{ person(id: "${'x'.repeat(1000)}") { name } }`))
    expect(await connection.closed).toBe(1009)
  })
})

describe('a stream over HTTP', () => {
  const post = (accept: string, query: string) =>
    fetch(`${door.url}/graphql`, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })

  test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'of %s shows that it is alive though nothing happens',
    async (accept) => {
      door = await openPeopleDoor({ http: { pingMs: 5 } })
      const response = await post(accept, ARRIVED)
      const reader = response.body!.getReader()
      const beat = accept.startsWith('text') ? ':\n\n' : '{}\r\n--graphql'
      let heard = ''
      while (heard.split(beat).length < 4) heard += new TextDecoder().decode((await reader.read()).value)
      await reader.cancel()
      await door.events.channel().left
    },
  )

  test('is refused to a client that reads no streams', async () => {
    door = await openPeopleDoor()
    const response = await post('application/json', ARRIVED)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'STREAM_UNSUPPORTED' } }] })
  })

  test('may be asked for by GET with a header that no page can send unasked; a mutation may not', async () => {
    door = await openPeopleDoor()
    const get = (query: string, headers: Record<string, string>) =>
      fetch(`${door.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { accept: 'text/event-stream', ...headers },
      })
    expect(await (await get(ARRIVED, {})).text()).toContain('REQUEST_FORGEABLE')
    const asked = { 'graphql-require-preflight': '1' }
    const mutation = 'mutation { rename(id: "ada", name: "Eve") { name } }'
    expect(await (await get(mutation, asked)).text()).toContain('MUTATION_BY_GET')
    const stream = await get(ARRIVED, asked)
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(stream.headers.get('cache-control')).toBe('private, no-store')
    await stream.body?.cancel()
    await door.events.channel().left
  })

  test('answers a query in JSON where the client takes that, too', async () => {
    door = await openPeopleDoor()
    const response = await post('text/event-stream, application/json', '{ person(id: "ada") { name } }')
    expect(await response.json()).toEqual({ data: { person: { name: 'Ada' } } })
  })

  test('is not what a client gets that takes none', async () => {
    door = await openPeopleDoor()
    const accept = 'text/event-stream;q=0, multipart/mixed; q=0.0, application/json'
    const response = await post(accept, '{ person(id: "ada") { name } }')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const refused = await post('text/event-stream;q=0, application/json', ARRIVED)
    expect(await refused.text()).toContain('STREAM_UNSUPPORTED')
  })

  test('no more are open than may be', async () => {
    door = await openPeopleDoor({ http: { mostStreams: 1 } })
    const first = await post('text/event-stream', ARRIVED)
    const second = await post('text/event-stream', ARRIVED)
    expect(await second.text()).toContain('STREAMS_EXHAUSTED')
    await first.body?.cancel()
  })
})

test('a client that wants all its streams on one connection of server-sent events is told that there is none', async () => {
  door = await openPeopleDoor()
  const told: unknown[] = []
  const client = createSseClient({
    url: `${door.url}/graphql`,
    singleConnection: true,
    retryAttempts: 0,
    fetchFn: async (url: string, init: RequestInit) => {
      const answer = await fetch(url, init)
      told.push([init.method, answer.headers.get('allow'), await answer.clone().json()])
      return answer
    },
  })
  await expect(client.iterate({ query: ARRIVED }).next()).rejects.toThrow('405')
  client.dispose()
  const refusal = { errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] }
  expect(told).toMatchObject([['PUT', 'GET, HEAD, POST, OPTIONS', refusal]])
})
