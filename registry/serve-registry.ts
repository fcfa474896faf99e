import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Log } from '../subgraphs/log.ts'
import { jsonAnswer, type RouteAnswer } from '../subgraphs/route.ts'
import { RegistryError } from './registry-error.ts'
import { REGISTRY_ERRORS } from './registry-error-catalogue.ts'
import type { Holder } from './registry-settings.ts'
import type { RegistryRequest, RegistryRoute } from './routes.ts'

/** What no route names a limit for. */
const BODY_LIMIT = 1_024
/** A body has to be here by then; an answer may be waited for longer. */
const REQUEST_MS = 30_000

/** Serves a registry on a listener of its own. Nothing listens yet: call `listen`. */
export const serveRegistry = (routes: readonly RegistryRoute[], log: Log): FastifyInstance => {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: unknown, body: unknown) =>
    String(body),
  )
  app.get('/health/live', async () => ({ status: 'pass' }))
  for (const route of routes) addRoute(app, route)
  app.setNotFoundHandler(async (_request, reply) =>
    send(reply, refusal(new RegistryError('REGISTRY_REQUEST_INVALID', 'path'), 404)),
  )
  app.setErrorHandler(async (error, _request, reply) => send(reply, refusalOf(error, log)))
  return app
}

/** Who may not ask is refused on the headers alone: nobody fills the memory of a registry without a token. */
const addRoute = (app: FastifyInstance, { method, path, admit, mostBytes, answer }: RegistryRoute): void => {
  const holders = new WeakMap<FastifyRequest, Holder>()
  app.route({
    method,
    url: path,
    exposeHeadRoute: false,
    bodyLimit: mostBytes,
    onRequest: async (request) => void holders.set(request, admit(request.headers)),
    handler: async (request, reply) => {
      const holder = holders.get(request) ?? admit(request.headers)
      return send(reply, await answer(askedBy(request, reply), holder))
    },
  })
}

const askedBy = (request: FastifyRequest, reply: FastifyReply): RegistryRequest => {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const [path = '', search = ''] = request.url.split('?', 2)
  return {
    headers: request.headers,
    path,
    params: request.params as Record<string, string>,
    query: new URLSearchParams(search),
    text: typeof request.body === 'string' ? request.body : '',
    gone: gone.signal,
  }
}

const refusalOf = (error: unknown, log: Log): RouteAnswer => {
  if (error instanceof RegistryError) return refusal(error)
  const { statusCode = 500, name } = error as { statusCode?: number; name: string }
  if (statusCode === 413) return refusal(new RegistryError('REGISTRY_TOO_LARGE', 'body'))
  if (statusCode < 500) return refusal(new RegistryError('REGISTRY_REQUEST_INVALID', 'request'), statusCode)
  log({ error: name }, 'A request to the registry could not be answered.')
  return refusal(new RegistryError('REGISTRY_FAILED', 'registry'))
}

const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const refusal = (error: RegistryError, status: number = REGISTRY_ERRORS[error.code].status): RouteAnswer => {
  const { message, code, place, detail } = error
  const { remedy } = REGISTRY_ERRORS[code]
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  return jsonAnswer(
    status,
    { errors: [{ message, extensions: { code, place, remedy } }], ...detail },
    headers,
  )
}

const send = (reply: FastifyReply, { status, headers, body }: RouteAnswer): FastifyReply =>
  reply
    .code(status)
    .headers({ ...ALWAYS, ...headers })
    .send(body)
