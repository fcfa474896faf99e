import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import type { Log } from './log.ts'
import { jsonAnswer, type Route, type RouteAnswer } from './route.ts'

/** How a listener takes in a body, as text; null: it is too long. */
export type TextOf = (request: FastifyRequest) => string | null | Promise<string | null>

/** Headers of every answer of a listener. */
export type AnswerHeaders = Readonly<Record<string, string>>

/** Answers are about somebody, and of no other type than they say. */
export const PRIVATE: AnswerHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

interface ServeTerms {
  readonly textOf: TextOf
  readonly headers: AnswerHeaders
}

export function serveRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  { textOf, headers: always }: ServeTerms,
): void {
  for (const { method, path, answer } of routes)
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const [way = '', search = ''] = request.url.split('?', 2)
        const text = await textOf(request)
        if (text === null) return sendAnswer(reply, refused(413, 'REQUEST_INVALID'), always)
        const { headers, params } = request
        const query = new URLSearchParams(search)
        const asked = { headers, path: way, params: params as Record<string, string>, query, text }
        return sendAnswer(reply, await answer(asked), always)
      },
    })
}

/** What is asked of no route, or could not be answered, is told without a word of why; `sentence` is for the log. */
export function serveRefusals(
  app: FastifyInstance,
  {
    sentence,
    headers,
    log,
  }: { readonly sentence: string; readonly headers: AnswerHeaders; readonly log?: Log },
): void {
  app.setNotFoundHandler(async (_request, reply) =>
    sendAnswer(reply, refused(404, 'REQUEST_INVALID'), headers),
  )
  app.setErrorHandler<{ statusCode?: number; name: string }>(async (error, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log?.({ error: error.name }, sentence)
    return sendAnswer(reply, refused(status, status < 500 ? 'REQUEST_INVALID' : 'INTERNAL'), headers)
  })
}

export const sendAnswer = (
  reply: FastifyReply,
  { status, headers, body }: RouteAnswer,
  always: AnswerHeaders,
): FastifyReply =>
  reply
    .code(status)
    .headers({ ...always, ...headers })
    .send(body)

const refused = (status: number, code: SubgraphErrorCode): RouteAnswer =>
  jsonAnswer(status, { errors: [{ message: sentenceOf(code), extensions: { code } }] })
