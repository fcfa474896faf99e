import { randomUUID } from 'node:crypto'
import { CloseCode, MessageType } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { AssentError } from '../errors.ts'
import { createLifetime, type EndableLifetime } from '../lifetime.ts'
import type { IncomingHeaders } from '../ports.ts'
import { isInParts } from './answer-parts.ts'
import { answerText } from './answer-text.ts'
import type { DoorAnswer } from './answer-text.ts'
import type { GraphqlDoor } from './graphql-door.ts'
import { paramsFromBody } from './graphql-params.ts'
import { toldError } from './present-error.ts'

export interface WebSocketOptions {
  readonly graphql: Pick<GraphqlDoor, 'open'>
  readonly requestTimeoutMs: number
  /** How often the client is asked whether it is there; one that has not answered by the next time is gone. */
  readonly pingMs: number
  /** Operations under way at once on one connection. */
  readonly mostStreamsPerConnection: number
  /** Bytes that may wait to be taken by a client that does not read. */
  readonly maxBodyBytes: number
}

/** To say who asks, from when the connection stands. */
const INIT_MS = 10_000

interface Message {
  readonly type: string
  readonly id: string
  readonly payload: unknown
}

/**
 * One connection of the `graphql-transport-ws` protocol (https://github.com/graphql/graphql-over-http, RFC "GraphQL over
 * WebSocket"). It is written here because answers are text already: a library would read them again to send them.
 * Every operation goes through the same door as one that comes by itself.
 */
export class WebSocketConnection {
  readonly #socket: WebSocket
  readonly #options: WebSocketOptions
  readonly #upgraded: IncomingHeaders
  readonly #operations = new Map<string, EndableLifetime>()
  /** Under way, those included that the client has completed and that have not ended yet: they cost as much. */
  #running = 0
  /** Of the operations, the ones that have no end of their own. */
  readonly #streams = new Set<EndableLifetime>()
  #incoming: IncomingHeaders | null = null
  #stopped: AssentError | null = null
  #isAlive = true

  constructor(socket: WebSocket, upgraded: IncomingHeaders, options: WebSocketOptions) {
    this.#socket = socket
    this.#options = options
    this.#upgraded = upgraded
    const init = setTimeout(
      () => this.#incoming ?? socket.close(CloseCode.ConnectionInitialisationTimeout, 'no connection_init'),
      INIT_MS,
    ).unref()
    const pings = setInterval(() => this.#ping(), options.pingMs).unref()
    socket.on('message', (data, isBinary) => this.#hear(isBinary ? '' : textOf(data)))
    socket.on('pong', () => (this.#isAlive = true))
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      clearTimeout(init)
      clearInterval(pings)
      for (const lifetime of this.#operations.values())
        lifetime.end(new AssentError('CLIENT_GONE', 'connection'))
    })
  }

  /** Ends the streams with the cause and lets other operations finish; then the connection closes. */
  stop(cause: AssentError): void {
    this.#stopped = cause
    for (const lifetime of this.#streams) lifetime.end(cause)
    this.#closeWhenDone()
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate()
    this.#isAlive = false
    this.#socket.ping()
  }

  #hear(text: string): void {
    const message = messageOf(text)
    if (message === null) return this.#socket.close(CloseCode.BadRequest, 'not a message')
    switch (message.type) {
      case MessageType.ConnectionInit as string:
        return this.#begin(message.payload)
      case MessageType.Ping as string:
        return void this.#send(`{"type":"pong"}`)
      case MessageType.Pong as string:
        return
      case MessageType.Subscribe as string:
        return this.#subscribe(message)
      case MessageType.Complete as string:
        return this.#forget(message.id)
      default:
        return this.#socket.close(CloseCode.BadRequest, 'not a message')
    }
  }

  #begin(payload: unknown): void {
    if (this.#incoming !== null)
      return this.#socket.close(CloseCode.TooManyInitialisationRequests, 'connection_init was sent before')
    this.#incoming = withParameters(this.#upgraded, payload)
    void this.#send(`{"type":"connection_ack"}`)
  }

  #subscribe({ id, payload }: Message): void {
    const incoming = this.#incoming
    if (incoming === null) return this.#socket.close(CloseCode.Unauthorized, 'no connection_init')
    if (id === '') return this.#socket.close(CloseCode.BadRequest, 'no id')
    if (this.#operations.has(id)) return this.#socket.close(CloseCode.SubscriberAlreadyExists, 'id is in use')
    const refused = this.#stopped ?? this.#full()
    if (refused !== null) return void this.#tell(id, { errors: [toldError(refused)] })
    const lifetime = createLifetime()
    this.#operations.set(id, lifetime)
    this.#running += 1
    void this.#run(payload, { id, incoming, lifetime }).finally(() => {
      this.#running -= 1
      this.#streams.delete(lifetime)
      if (this.#operations.get(id) === lifetime) this.#operations.delete(id)
      this.#closeWhenDone()
    })
  }

  #full(): AssentError | null {
    const { mostStreamsPerConnection: most } = this.#options
    // What a client has completed may end a moment later, and must not be in the way of what comes instead.
    return this.#operations.size < most && this.#running < 2 * most
      ? null
      : new AssentError('STREAMS_EXHAUSTED', 'streams.mostPerConnection')
  }

  async #run(
    payload: unknown,
    { id, incoming, lifetime }: { id: string; incoming: IncomingHeaders; lifetime: EndableLifetime },
  ): Promise<void> {
    const isWanted = (): boolean => this.#operations.get(id) === lifetime
    const opened = await this.#open(payload, incoming, lifetime)
    if (!isInParts(opened)) {
      if (isWanted() && (await this.#tell(id, opened))) await this.#send(complete(id))
      return
    }
    if (!opened.areDeferred) this.#streams.add(lifetime)
    if (!opened.areDeferred && this.#stopped !== null) lifetime.end(this.#stopped)
    for await (const part of opened) {
      if (!isWanted()) return
      // An error is the last word of an operation; nothing completes it.
      if (!(await this.#tell(id, part))) return
    }
    if (isWanted()) await this.#send(complete(id))
  }

  async #open(payload: unknown, incoming: IncomingHeaders, lifetime: EndableLifetime) {
    const { graphql, requestTimeoutMs } = this.#options
    const asking = { requestId: randomUUID(), incoming, lifetime, requestTimeoutMs, mayChange: true }
    try {
      return await graphql.open(paramsFromBody(payload), {
        ...asking,
        tellsEvents: true,
        tellsDeferred: true,
      })
    } catch (problem) {
      if (!(problem instanceof AssentError)) throw problem
      return { errors: [toldError(problem)] }
    }
  }

  #forget(id: string): void {
    const lifetime = this.#operations.get(id)
    this.#operations.delete(id)
    lifetime?.end(new AssentError('CLIENT_GONE', 'operation'))
  }

  /** True when more may follow. */
  async #tell(id: string, answer: DoorAnswer): Promise<boolean> {
    const named = JSON.stringify(id)
    const isRefused = answer.data === undefined && answer.hasNext === undefined
    await this.#send(
      isRefused
        ? `{"id":${named},"type":"error","payload":${JSON.stringify(answer.errors ?? [])}}`
        : `{"id":${named},"type":"next","payload":${answerText(answer)}}`,
    )
    return !isRefused
  }

  /** Resolves when the text is off our hands: who produces the next one waits for that. */
  #send(text: string): Promise<void> {
    const socket = this.#socket
    if (socket.bufferedAmount > this.#options.maxBodyBytes + text.length) socket.terminate()
    if (socket.readyState !== socket.OPEN) return Promise.resolve()
    return new Promise((resolve) => socket.send(text, () => resolve()))
  }

  #closeWhenDone(): void {
    if (this.#stopped !== null && this.#operations.size === 0) this.#socket.close(1001, this.#stopped.code)
  }
}

const complete = (id: string): string => `{"id":${JSON.stringify(id)},"type":"complete"}`

const textOf = (data: Buffer | ArrayBuffer | Buffer[]): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString('utf8')

const messageOf = (text: string): Message | null => {
  try {
    const message: unknown = JSON.parse(text)
    if (!isRecord(message) || typeof message['type'] !== 'string') return null
    const { id = '', payload = null } = message
    return typeof id === 'string' ? { type: message['type'], id, payload } : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Headers that browsers cannot set on a WebSocket, taken from the parameters of the connection. Only those that say who
 * asks and for what: any other may be one that a proxy in front sets or takes away.
 */
const PARAMETERS = new Set([
  'authorization',
  'assent-purpose',
  'x-assent-client',
  'x-assent-purpose',
  'x-assent-actor',
  'x-assent-show',
])

const withParameters = (upgraded: IncomingHeaders, payload: unknown): IncomingHeaders => {
  const given = new Map<string, string>()
  const nested = isRecord(payload) ? payload['headers'] : undefined
  for (const parameters of [payload, nested])
    for (const [name, value] of isRecord(parameters) ? Object.entries(parameters) : [])
      if (PARAMETERS.has(name.toLowerCase()) && typeof value === 'string')
        given.set(name.toLowerCase(), value)
  return (name) => given.get(name) ?? upgraded(name)
}
