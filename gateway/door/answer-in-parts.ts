import type { ServerResponse } from 'node:http'
import type { EndableLifetime } from '../lifetime.ts'
import type { IncomingHeaders } from '../ports.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { chooseMediaType } from './accept.ts'
import { type DoorParts, isInParts } from './answer-parts.ts'
import { answerText, leaving } from './answer-text.ts'
import type { DoorAnswer } from './answer-text.ts'
import { reply } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import type { GraphqlDoor } from './graphql-door.ts'
import type { GraphqlParams } from './graphql-params.ts'
import type { AcceptedParts, PartsFormat } from './parts-format.ts'
import { clientLifetime } from './request-lifetime.ts'
import { headOf } from './status-code.ts'

export interface StreamHttpOptions {
  readonly graphql: Pick<GraphqlDoor, 'answer' | 'open'>
  readonly requestTimeoutMs: number
  /** How often a silent stream shows that it is alive. */
  readonly pingMs: number
  /** Streams of the door, which it ends when it closes. */
  readonly streams: OpenStreams
}

export interface AskedInParts {
  readonly accepted: AcceptedParts
  readonly incoming: IncomingHeaders
  readonly params: GraphqlParams
}

/** GraphQL over HTTP for a client that can read an answer in parts. What comes whole is answered whole, if the client takes that, too. */
export const answerInParts = async (
  exchange: Exchange,
  { accepted, incoming, params }: AskedInParts,
  options: StreamHttpOptions,
): Promise<void> => {
  const { request, response, requestId } = exchange
  const lifetime = clientLifetime(response)
  const opened = await options.graphql.open(params, {
    requestId,
    watch: exchange.watch,
    incoming,
    lifetime,
    mayChange: request.method === 'POST',
    tellsEvents: accepted.events !== null,
    tellsDeferred: accepted.deferred !== null,
    requestTimeoutMs: options.requestTimeoutMs,
  })
  if (!isInParts(opened)) return answerWhole(exchange, opened, accepted)
  const format = opened.areDeferred ? accepted.deferred : accepted.events
  if (format !== null) await writeParts(exchange, { parts: opened, format, lifetime }, options)
}

const answerWhole = (exchange: Exchange, opened: DoorAnswer, accepted: AcceptedParts): void => {
  const answer = leaving(opened)
  exchange.watch?.answered(answer)
  const type = chooseMediaType(exchange.request.headers.accept)
  if (type === null) return writeAll(exchange, [answer], accepted.events ?? accepted.deferred)
  const head = headOf(answer, type, exchange.statusCodes)
  reply(exchange, { status: head.status, type: `${head.type}; charset=utf-8`, body: answerText(answer) })
}

/** A stream of which everything is known. Its status is that of the stream: what is wrong is told in it. */
const writeAll = (exchange: Exchange, answers: readonly DoorAnswer[], format: PartsFormat | null): void => {
  if (format === null) return
  const body = [format.begin, ...answers.map((answer) => format.part(answer)), format.end].join('')
  reply(exchange, { status: 200, type: format.type, body })
}

interface Writing {
  readonly parts: DoorParts
  readonly format: PartsFormat
  readonly lifetime: EndableLifetime
}

/** Each part is asked for when the one before it has been taken off our hands: a slow client holds up nobody but itself. */
const writeParts = async (
  exchange: Exchange,
  { parts, format, lifetime }: Writing,
  { pingMs, streams }: StreamHttpOptions,
): Promise<void> => {
  const { response } = exchange
  const head = { ...exchange.headers, 'content-type': format.type, 'x-accel-buffering': 'no' }
  response.writeHead(200, head).write(format.begin)
  const heartbeat = setInterval(beat(response, format), pingMs).unref()
  try {
    streams.enter(lifetime)
    for await (const part of parts) {
      exchange.watch?.part(part)
      await write(response, format.part(part))
    }
    response.end(format.end)
  } finally {
    clearInterval(heartbeat)
    streams.leave(lifetime)
  }
}

/** A client that has taken nothing for so many heartbeats is not there any more. */
const MOST_MISSED = 5

const beat = (response: ServerResponse, { heartbeat }: PartsFormat): (() => void) => {
  let missed = 0
  return () => {
    missed = response.writableNeedDrain ? missed + 1 : 0
    if (missed >= MOST_MISSED) response.destroy()
    else if (missed === 0) response.write(heartbeat)
  }
}

const write = (response: ServerResponse, text: string): Promise<void> | undefined => {
  if (response.destroyed || response.write(text)) return undefined
  return new Promise((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}
