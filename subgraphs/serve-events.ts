import type { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import type { EventRoute } from './events/entrance/event-route.ts'
import type { Log } from './log.ts'
import { jsonAnswer, type Route, type RouteAnswer } from './route.ts'

/** A body has to be here by then. */
const REQUEST_MS = 30_000

/**
 * Serves what sources of events reach, on a listener of its own: neither the addresses of gateways nor those of persons are
 * there. Bodies are handed on unread, so that whoever takes them in can bound them. Nothing listens yet.
 */
export function serveEvents(
  routes: readonly EventRoute[],
  operator: readonly Route[],
  log?: Log,
): FastifyInstance {
  const app = fastify({ logger: false, requestTimeout: REQUEST_MS, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.get('/health/live', async () => ({ status: 'pass' }))
  for (const { path, answer } of routes)
    app.post(path, async (request, reply) => {
      const { headers, params, raw } = request
      const body = (request.body as Readable | undefined) ?? raw
      const answered = await answer({ headers, params: params as Record<string, string>, body })
      // What was not read of a refused body is not read for the next request of this connection either.
      if (!body.readableEnded) reply.header('connection', 'close')
      return send(reply, answered)
    })
  serveOperator(app, operator)
  app.setNotFoundHandler(async (_request, reply) => send(reply, refused(404, 'REQUEST_INVALID')))
  app.setErrorHandler<{ statusCode?: number; name: string }>(async (error, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log?.({ error: error.name }, 'A request with events could not be answered.')
    return send(reply, refused(status, status < 500 ? 'REQUEST_INVALID' : 'INTERNAL'))
  })
  return app
}

/** Small bodies of who looks after the flow. */
const OPERATOR_BYTES = 1_048_576

function serveOperator(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { method, path, answer } of routes)
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const [way = '', search = ''] = request.url.split('?', 2)
        const { headers, params, body } = request
        const text = await textOf(body as Readable | undefined)
        if (text === null) return send(reply, refused(413, 'REQUEST_INVALID'))
        return send(
          reply,
          await answer({
            headers,
            path: way,
            params: params as Record<string, string>,
            query: new URLSearchParams(search),
            text,
          }),
        )
      },
    })
}

async function textOf(body: Readable | undefined): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += (chunk as Buffer).length
    if (bytes > OPERATOR_BYTES) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(reply: FastifyReply, { status, headers, body }: RouteAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers })
    .send(body)
}

function refused(status: number, code: SubgraphErrorCode): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code), extensions: { code } }] })
}
