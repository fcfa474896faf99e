import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import type { Log } from './log.ts'
import { jsonAnswer, type Route, type RouteAnswer } from './route.ts'

/** A statement of a person is small; whatever is larger is none. */
const BODY_LIMIT = 32 * 1024

/**
 * Serves what persons reach with their browsers, on a listener of its own: the addresses that only gateways may know
 * (`/graphql`, streams of changes) are not even there. Nothing listens yet: call `listen`, or `inject`.
 */
export function servePersons(routes: readonly Route[], log?: Log): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: BODY_LIMIT, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: unknown, body: unknown) =>
    String(body),
  )
  app.get('/health/live', async () => ({ status: 'pass' }))
  for (const { method, path, answer } of routes)
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const [way = '', search = ''] = request.url.split('?', 2)
        const { headers, params, body } = request
        return send(
          reply,
          await answer({
            headers,
            path: way,
            params: params as Record<string, string>,
            query: new URLSearchParams(search),
            text: typeof body === 'string' ? body : '',
          }),
        )
      },
    })
  app.setNotFoundHandler(async (_request, reply) => send(reply, refused(404, 'REQUEST_INVALID')))
  app.setErrorHandler<{ statusCode?: number; name: string }>(async (error, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log?.({ error: error.name }, 'A request of a person could not be answered.')
    return send(reply, refused(status, status < 500 ? 'REQUEST_INVALID' : 'INTERNAL'))
  })
  return app
}

function send(reply: FastifyReply, { status, headers, body }: RouteAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...headers,
    })
    .send(body)
}

function refused(status: number, code: SubgraphErrorCode): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code), extensions: { code } }] })
}
