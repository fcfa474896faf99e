import type { IncomingMessage } from 'node:http'
import { AssentError } from '../errors.ts'
import type { Lifetime } from '../lifetime.ts'
import type { IncomingHeaders } from '../ports.ts'
import { chooseMediaType } from './accept.ts'
import type { MediaType } from './accept.ts'
import { answerInParts, type StreamHttpOptions } from './answer-in-parts.ts'
import { answerText, leaving } from './answer-text.ts'
import { createBatch } from '../limits/operation-limits.ts'
import { batchText } from './batch.ts'
import type { Cors } from './cors.ts'
import { refuseForgeable } from './csrf.ts'
import { refuse, reply } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { paramsFromBody, paramsFromSearch } from './graphql-params.ts'
import type { GraphqlParams } from './graphql-params.ts'
import { orRefusal } from './present-error.ts'
import { readBody } from './request-body.ts'
import { chooseParts } from './parts-format.ts'
import type { AcceptedParts } from './parts-format.ts'
import { requestLifetime } from './request-lifetime.ts'
import { headOf } from './status-code.ts'

export interface GraphqlHttpOptions extends StreamHttpOptions {
  readonly maxBodyBytes: number
  /** Operations in one body; 1 serves no batch. */
  readonly maxBatch: number
  readonly cors: Cors
}

/** GraphQL over HTTP: what one request to `/graphql` is answered. Throws `AssentError` for what is no GraphQL request. */
export const answerGraphql = async (exchange: Exchange, options: GraphqlHttpOptions): Promise<void> => {
  const { request, response } = exchange
  // Answers are about people, and the next caller may be granted less.
  exchange.headers['cache-control'] = 'private, no-store'
  const accepted = chooseParts(request.headers.accept)
  if (accepted !== null && ['GET', 'POST'].includes(request.method ?? ''))
    return answerAccepting(accepted, exchange, options)
  const lifetime = requestLifetime(response, options.requestTimeoutMs)
  lifetime.onOver((cause) => refuse(exchange, cause))
  if (!isServed(exchange, options.cors)) return
  const type = chooseMediaType(request.headers.accept)
  if (type === null) throw new AssentError('NOT_ACCEPTABLE', 'accept')
  const asked = { exchange, options, incoming: headersOf(request), lifetime, type }
  if (request.method !== 'POST') {
    refuseForgeable(asked.incoming)
    return answerOne(paramsFromSearch(exchange.search), asked)
  }
  const body = await readBody(request, options.maxBodyBytes)
  return Array.isArray(body) ? answerBatch(body, asked) : answerOne(paramsFromBody(body), asked)
}

const METHODS = 'GET, HEAD, POST, OPTIONS'

/** False when the method alone has been answered. */
const isServed = (exchange: Exchange, cors: Cors): boolean => {
  const { method } = exchange.request
  if (method === 'POST' || method === 'GET' || method === 'HEAD') return true
  if (method !== 'OPTIONS') {
    exchange.headers['allow'] = METHODS
    throw new AssentError('METHOD_NOT_ALLOWED', 'method')
  }
  const head = { ...exchange.headers, ...cors.preflight(exchange.request.headers), allow: METHODS }
  exchange.response.writeHead(204, head).end()
  return false
}

/** The headers of a request; one that came twice is joined. */
export const headersOf =
  ({ headers }: IncomingMessage): IncomingHeaders =>
  (name) => {
    const value: unknown = headers[name]
    if (typeof value === 'string') return value
    return Array.isArray(value) ? value.join(', ') : undefined
  }

/** A client that can read an answer in parts; a batch has none. */
const answerAccepting = async (
  accepted: AcceptedParts,
  exchange: Exchange,
  options: GraphqlHttpOptions,
): Promise<void> => {
  const { request, response, search } = exchange
  const incoming = headersOf(request)
  if (request.method !== 'POST') {
    refuseForgeable(incoming)
    return answerInParts(exchange, { accepted, incoming, params: paramsFromSearch(search) }, options)
  }
  const body = await readBody(request, options.maxBodyBytes)
  if (!Array.isArray(body))
    return answerInParts(exchange, { accepted, incoming, params: paramsFromBody(body) }, options)
  const type = chooseMediaType(request.headers.accept)
  if (type === null) throw new AssentError('NOT_ACCEPTABLE', 'accept')
  const lifetime = requestLifetime(response, options.requestTimeoutMs)
  return answerBatch(body, { exchange, options, incoming, lifetime, type })
}

interface Asked {
  readonly exchange: Exchange
  readonly options: GraphqlHttpOptions
  readonly incoming: IncomingHeaders
  readonly lifetime: Lifetime
  readonly type: MediaType
}

const answerOne = async (params: GraphqlParams, { exchange, options, ...asked }: Asked): Promise<void> => {
  const mayChange = exchange.request.method === 'POST'
  const { requestId, watch } = exchange
  const { incoming, lifetime } = asked
  const answer = await options.graphql.answer(params, { requestId, incoming, lifetime, mayChange, watch })
  if (answer.errors?.[0]?.extensions?.['code'] === 'MUTATION_BY_GET')
    exchange.headers['allow'] = 'POST, OPTIONS'
  watch?.answered(answer)
  const told = leaving(answer)
  const { status, type } = headOf(told, asked.type, exchange.statusCodes)
  reply(exchange, { status, type: `${type}; charset=utf-8`, body: answerText(told) })
}

/** Answered as a whole with 200, whatever its members are answered: one status cannot tell of several. */
const answerBatch = async (
  members: readonly unknown[],
  { exchange, options, incoming, lifetime, type }: Asked,
): Promise<void> => {
  // What came together is held to the limits together.
  const batch = createBatch()
  const body = await batchText(members, options.maxBatch, async (params, position) => {
    const requestId = `${exchange.requestId}:${position}`
    const watch = exchange.watch?.member(requestId)
    const asking = { requestId, incoming, lifetime, mayChange: true, batch, watch }
    const answer = await orRefusal(async () => options.graphql.answer(params(), asking))
    watch?.answered(answer)
    return answer
  })
  reply(exchange, { status: 200, type: `${type}; charset=utf-8`, body })
}
