import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLFieldResolver, type GraphQLFormattedError } from 'graphql'
import mercurius from 'mercurius'
import type { Grant } from '../directives/grant.ts'
import { quickOperations } from './execute/quick-operations.ts'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import { formatErrors } from './format-errors.ts'
import { createGrantVerifier } from './grant-verifier.ts'
import type { Log } from './log.ts'
import { refuseLarge } from './refuse-large.ts'
import { RETRY_SECONDS } from './retry-seconds.ts'
import { type Body, bodyOf, operationOf } from './request-body.ts'
import type { Route } from './route.ts'
import { createEventSender, type EventStream } from './send-events.ts'
import { subgraphSchema } from './subgraph-schema.ts'

/** What the subgraphs have in common: an SDL, and what answers it. `L` is what `loaders` makes. */
export interface Subgraph<L = unknown> {
  readonly sdl: string
  readonly resolvers: Resolvers<L>
  /** Made anew for each request, so that what one request has read is not answered to another. */
  readonly loaders?: () => L
  /** Event streams by path (`/changes`): POST with a signed body, answered as `text/event-stream`. */
  readonly streams?: ReadonlyMap<string, EventStream>
  /** Calls by path: POST with a signed body, answered as JSON. */
  readonly calls?: ReadonlyMap<string, SignedCall>
  /** Calls of other services, each with a key of its own, by who may make them: the gateway's key opens none of them. */
  readonly peerCalls?: ReadonlyMap<string, ReadonlyMap<string, SignedCall>>
  /** Addresses for others than the gateway; each looks for itself who asks. */
  readonly routes?: readonly Route[]
}

/** Takes what the body says; the signal tells that nobody waits for the answer any more. */
export type SignedCall = (input: unknown, isLeft: AbortSignal) => Promise<object>

export type Resolvers<L = unknown> = Record<
  string,
  // oxlint-disable-next-line typescript/no-explicit-any -- the parent of a resolver is what the resolver above returned
  Record<string, GraphQLFieldResolver<any, SubgraphContext<L>>>
>

export interface SubgraphContext<L = unknown> {
  /** What the gateway was granted for this request; null for everybody else. */
  readonly grant: Grant | null
  readonly loaders: L
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export interface ServeOptions<L> extends Subgraph<L> {
  readonly name: string
  /** The secret shared with the gateway; null: nobody is granted anything. */
  readonly grantKey: string | null
  /** The secrets shared with other services, by their names; one without a secret makes no calls. */
  readonly peerKeys?: Readonly<Record<string, string>>
  readonly clock: () => number
  readonly log?: Log
}

/** Representations of many people make big bodies. */
const BODY_LIMIT = 10 * 1024 * 1024

/** Hosts a subgraph. Nothing listens yet: call `listen`, or `inject` requests without a port. */
export async function serveSubgraph<L>(options: ServeOptions<L>): Promise<FastifyInstance> {
  const app = fastify({ logger: false, bodyLimit: BODY_LIMIT, forceCloseConnections: true })
  readBodiesAsText(app)
  const schema = subgraphSchema(options)
  const askQuickly = quickOperations(schema)
  await app.register(mercurius, {
    schema,
    routes: false,
    ide: false,
    // It would keep texts of ten megabytes by the thousand; those that come again are kept by `quickOperations`.
    cache: false,
    // Errors are given their form in one place, by `formatErrors`, which has to see what they were.
    errorFormatter: (execution) => ({ statusCode: 200, response: execution }),
  })
  const grantOf = grantReader(options)
  const sendEvents = createEventSender(app)

  app.get('/health/live', async () => ({ status: 'pass' }))
  app.post('/graphql', async (request, reply) => {
    const { query, variables, operationName } = operationOf(request)
    if (query === null) return reply.code(400).send(refused('BAD_REQUEST', 'body'))
    const context: SubgraphContext<L> = {
      grant: grantOf(request),
      loaders: options.loaders?.() as L,
      clock: options.clock,
    }
    return answer(options, reply, async () => {
      const isGateways = context.grant !== null
      if (!isGateways) refuseLarge(query)
      const asked = { query, variables, ...(operationName !== undefined && { operationName }), context }
      const answered = await askQuickly({ ...asked, isGateways })
      return answered ?? app.graphql(query, { ...context }, variables, operationName)
    })
  })
  for (const [path, stream] of options.streams ?? []) {
    app.post(path, async (request, reply) => {
      if (grantOf(request) === null)
        return reply.code(403).send(refused('GRANT_MISSING', 'signature of the gateway'))
      return sendEvents(reply, stream, bodyOf(request).json)
    })
  }
  serveCalls(app, options, { calls: options.calls, isSigned: (request) => grantOf(request) !== null })
  for (const [peer, calls] of options.peerCalls ?? []) {
    const peerGrantOf = grantReader({ ...options, grantKey: options.peerKeys?.[peer] ?? null })
    serveCalls(app, options, { calls, isSigned: (request) => peerGrantOf(request)?.client === peer })
  }
  serveRoutes(app, options)
  return app
}

interface Calls {
  readonly calls: ReadonlyMap<string, SignedCall> | undefined
  readonly isSigned: (request: FastifyRequest) => boolean
}

function serveCalls<L>(app: FastifyInstance, options: ServeOptions<L>, { calls, isSigned }: Calls): void {
  for (const [path, call] of calls ?? []) {
    app.post(path, async (request, reply) => {
      if (!isSigned(request))
        return reply.code(403).send(refused('GRANT_MISSING', 'signature of who may ask'))
      const left = new AbortController()
      reply.raw.once('close', () => {
        // What was answered to its end was waited for.
        if (!reply.raw.writableFinished) left.abort(LEFT)
      })
      try {
        return await call(bodyOf(request).json, left.signal)
      } catch (error) {
        const errors = formatErrors(options.name, [error], options.log)
        const isTheirs = error instanceof GraphQLError && !isPassing(errors)
        return adviseRetry(reply, errors, options)
          .code(isTheirs ? 400 : 503)
          .send({ errors })
      }
    })
  }
}

const LEFT = 'nobody waits any more'

function serveRoutes<L>(app: FastifyInstance, { name, routes = [], log }: ServeOptions<L>): void {
  for (const { method, path: url, answer: answerTo } of routes) {
    app.route({
      method,
      url,
      handler: async (request, reply) => {
        const [path = '', search] = request.url.split('?', 2)
        const params = request.params as Readonly<Record<string, string>>
        const { text } = bodyOf(request)
        const query = new URLSearchParams(search)
        try {
          const answered = await answerTo({ headers: request.headers, path, params, query, text })
          return await reply
            .code(answered.status)
            .headers({ ...answered.headers })
            .send(answered.body)
        } catch (error) {
          const errors = formatErrors(name, [error], log)
          return reply.code(503).header('retry-after', '1').send({ errors })
        }
      },
    })
  }
}

/** The signature covers the bytes of the body, so the text is kept beside what it says. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: unknown, body: unknown) => {
      const text = String(body)
      try {
        return { text, json: JSON.parse(text) } satisfies Body
      } catch {
        return { text, json: null } satisfies Body
      }
    },
  )
  // One JSON value a line: what is read of it, and what is refused, is the route's business.
  app.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'string' },
    async (_request: unknown, body: unknown) => ({ text: String(body), json: null }) satisfies Body,
  )
  app.setErrorHandler<{ statusCode?: number; code?: string }>(async (error, _request, reply) => {
    const status = error.statusCode ?? 500
    return reply.code(status).send(refused(status < 500 ? 'BAD_REQUEST' : 'INTERNAL', error.code))
  })
}

function grantReader<L>({
  name,
  grantKey,
  clock,
  log,
}: ServeOptions<L>): (request: FastifyRequest) => Grant | null {
  const verify = createGrantVerifier({ subgraph: name, key: grantKey, clock })
  return (request) => {
    const { text, json } = bodyOf(request)
    const path = request.url.split('?', 1)[0] ?? ''
    const verdict = verify({ path, headers: request.headers, text, body: json })
    if ('grant' in verdict) return verdict.grant
    log?.(
      { subgraph: name, refused: verdict.refused },
      'A request without a valid grant: unprotected fields only.',
    )
    return null
  }
}

/** What passes by itself: nothing was done, and who asks again later is answered. */
const PASSING: ReadonlySet<unknown> = new Set<SubgraphErrorCode>([
  'STORE_UNAVAILABLE',
  'KEYS_UNAVAILABLE',
  'GRAPH_UNAVAILABLE',
])

function isPassing(errors: readonly GraphQLFormattedError[]): boolean {
  return errors.some(({ extensions }) => PASSING.has(extensions?.['code']))
}

/** A store, or a KMS, that does not answer is nobody's mistake: when to ask again is told, and who runs it reads of it. */
function adviseRetry(
  reply: FastifyReply,
  errors: readonly GraphQLFormattedError[],
  { name, log }: Pick<ServeOptions<unknown>, 'name' | 'log'>,
): FastifyReply {
  if (!isPassing(errors)) return reply
  log?.({ subgraph: name }, 'The store, or where its keys are, does not answer.')
  return reply.header('retry-after', String(RETRY_SECONDS))
}

/** What the engine answers or throws, with every error in a form that may leave. */
async function answer<L>(
  { name, log }: ServeOptions<L>,
  reply: FastifyReply,
  run: () => Promise<{ data?: unknown; errors?: readonly unknown[] | null }>,
): Promise<FastifyReply> {
  try {
    const { data, errors } = await run()
    const shown = formatErrors(name, errors ?? [], log)
    const told = shown.length > 0 ? { errors: shown } : {}
    return await adviseRetry(reply, shown, { name, ...(log && { log }) }).send({
      data: data ?? null,
      ...told,
    })
  } catch (error) {
    const thrown = (error as { errors?: readonly unknown[] }).errors ?? [error]
    return reply.code(400).send({ errors: formatErrors(name, thrown, log) })
  }
}

function refused(code: SubgraphErrorCode, place?: string): object {
  return { errors: [{ message: sentenceOf(code, place), extensions: { code } }] }
}
