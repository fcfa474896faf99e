import { randomUUID } from 'node:crypto'
import { CloseCode, MessageType } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { AssentError } from '../errors.ts'
import { createLifetime, type EndableLifetime } from '../lifetime.ts'
import type { Observer } from '../observe/observer.ts'
import type { IncomingHeaders } from '../ports.ts'
import { type DoorParts, isInParts } from './answer-parts.ts'
import { answerText, leaving } from './answer-text.ts'
import type { DoorAnswer } from './answer-text.ts'
import type { AskingInParts } from './asking.ts'
import { parseOperations } from './exact-variables.ts'
import type { GraphqlDoor } from './graphql-door.ts'
import { paramsFromBody } from './graphql-params.ts'
import { orRefusal, toldError } from './present-error.ts'

export interface WebSocketOptions {
  readonly graphql: Pick<GraphqlDoor, 'open'>
  readonly requestTimeoutMs: number
  /** How often the client is asked whether it is there; one that has not answered by the next time is gone. */
  readonly pingMs: number
  /** Operations under way at once on one connection. */
  readonly mostStreamsPerConnection: number
  /** Bytes that may wait to be taken by a client that does not read. */
  readonly maxBodyBytes: number
  /** Null when nobody watches. */
  readonly observer: Observer | null
}

/** To say who asks, from when the connection stands. */
const INIT_MS = 10_000

/** As for other streams, a client that has not taken all there is for so many pings is not there any more. */
const MOST_UNREAD = 5

interface Message {
  readonly type: string
  readonly id: string
  readonly payload: unknown
}

interface Operation extends Pick<AskingInParts, 'requestId' | 'incoming' | 'watch'> {
  readonly id: string
  readonly payload: unknown
  readonly lifetime: EndableLifetime
}

/** What the protocol carries. */
const ALL_PARTS = { mayChange: true, tellsEvents: true, tellsDeferred: true }

/** The status of the connection, under which access logs know its operations: none of them has one of its own. */
const SWITCHED = 101

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
  /** Pings in a row at which something waited to be taken: a client may say that it is there and read nothing. */
  #unread = 0

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
    this.#unread = this.#socket.bufferedAmount === 0 ? 0 : this.#unread + 1
    if (!this.#isAlive || this.#unread >= MOST_UNREAD) return this.#socket.terminate()
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
    const requestId = randomUUID()
    const watch = this.#options.observer?.begin({ requestId, method: 'GET', incoming })
    const refused = this.#stopped ?? this.#full()
    if (refused !== null) {
      const answer = { errors: [toldError(refused)] }
      watch?.answered(answer)
      watch?.end({ status: SWITCHED, isWhole: true })
      return void this.#tell(id, answer)
    }
    const lifetime = createLifetime()
    this.#operations.set(id, lifetime)
    this.#running += 1
    void this.#run({ id, payload, requestId, incoming, lifetime, watch }).finally(() => {
      this.#running -= 1
      this.#streams.delete(lifetime)
      if (this.#operations.get(id) === lifetime) this.#operations.delete(id)
      watch?.end({ status: SWITCHED, isWhole: lifetime.over?.code !== 'CLIENT_GONE' })
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

  async #run({ id, payload, ...asking }: Operation): Promise<void> {
    const { graphql, requestTimeoutMs } = this.#options
    const opened = await orRefusal(async () =>
      graphql.open(paramsFromBody(payload), { ...asking, ...ALL_PARTS, requestTimeoutMs }),
    )
    const { lifetime, watch } = asking
    if (isInParts(opened)) return this.#tellParts(opened, { id, lifetime, watch })
    watch?.answered(opened)
    if (this.#isWanted(id, lifetime) && (await this.#tell(id, opened))) await this.#send(complete(id))
  }

  async #tellParts(
    parts: DoorParts,
    { id, lifetime, watch }: Pick<Operation, 'id' | 'lifetime' | 'watch'>,
  ): Promise<void> {
    if (!parts.areDeferred) {
      this.#streams.add(lifetime)
      if (this.#stopped !== null) lifetime.end(this.#stopped)
    }
    for await (const part of parts) {
      if (!this.#isWanted(id, lifetime)) return
      watch?.part(part)
      // An error is the last word of an operation; nothing completes it.
      if (!(await this.#tell(id, part))) return
    }
    if (this.#isWanted(id, lifetime)) await this.#send(complete(id))
  }

  /** False once the client has completed it, even if the id is in use again. */
  #isWanted(id: string, lifetime: EndableLifetime): boolean {
    return this.#operations.get(id) === lifetime
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
        : `{"id":${named},"type":"next","payload":${answerText(leaving(answer))}}`,
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
    const message = parseOperations(text, (body) => [isRecord(body) ? body['payload'] : null])
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
  'x-assent-explain',
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
