import fastify, { type FastifyInstance } from 'fastify'
import type { Log } from './log.ts'
import type { Route } from './route.ts'
import { PRIVATE, serveRefusals, serveRoutes } from './serve-routes.ts'

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
  serveRoutes(app, routes, {
    textOf: ({ body }) => (typeof body === 'string' ? body : ''),
    headers: HEADERS,
  })
  serveRefusals(app, {
    sentence: 'A request of a person could not be answered.',
    headers: HEADERS,
    ...(log && { log }),
  })
  return app
}

const HEADERS = { ...PRIVATE, 'referrer-policy': 'no-referrer' }
