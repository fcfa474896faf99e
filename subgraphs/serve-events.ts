import { Readable } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import { hasBearer } from './bearer-guard.ts'
import type { EventRoute } from './events/entrance/event-route.ts'
import type { Log } from './log.ts'
import type { Route } from './route.ts'
import { PRIVATE, sendAnswer, serveRefusals, serveRoutes } from './serve-routes.ts'

/** A body has to be here by then. */
const REQUEST_MS = 30_000

/**
 * Serves what sources of events reach, on a listener of its own: neither the addresses of gateways nor those of persons are
 * there. Bodies are handed on unread, so that whoever takes them in can bound them. Nothing listens yet.
 */
export function serveEvents(
  routes: readonly EventRoute[],
  operator: OperatorRoutes,
  log?: Log,
): FastifyInstance {
  const app = fastify({ logger: false, requestTimeout: REQUEST_MS, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  // What was not read of a refused body is not read for the next request of this connection either.
  app.addHook('onSend', async ({ body }, reply) => {
    if (body instanceof Readable && !body.readableEnded) reply.header('connection', 'close')
  })
  app.get('/health/live', async () => ({ status: 'pass' }))
  for (const { path, answer } of routes)
    app.post(path, async (request, reply) => {
      const { headers, params, raw } = request
      const body = (request.body as Readable | undefined) ?? raw
      const answered = await answer({ headers, params: params as Record<string, string>, body })
      return sendAnswer(reply, answered, PRIVATE)
    })
  serveRoutes(app, operator.routes, {
    // Not a byte is read of who has no token: they are refused for that in any case.
    textOf: ({ headers, body }) =>
      hasBearer(headers, operator.token) ? textOf(body as Readable | undefined) : '',
    headers: PRIVATE,
  })
  serveRefusals(app, {
    sentence: 'A request with events could not be answered.',
    headers: PRIVATE,
    ...(log && { log }),
  })
  return app
}

/** What whoever operates the service asks for, and the token they prove themselves with. */
export interface OperatorRoutes {
  readonly routes: readonly Route[]
  readonly token: string | null
}

/** Small bodies of who looks after the flow. */
const OPERATOR_BYTES = 1_048_576

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
