import { createHash, timingSafeEqual } from 'node:crypto'
import { sentenceOf } from './error-catalogue.ts'
import { jsonAnswer, type RouteAnswer, type RouteRequest } from './route.ts'

type Answer = (request: RouteRequest) => Promise<RouteAnswer>

/** Who is not known (null) and who has the wrong token hear the same. */
export function bearerGuard(tokenFor: (request: RouteRequest) => string | null, answer: Answer): Answer {
  return async (request) => {
    if (hasBearer(request.headers, tokenFor(request))) return answer(request)
    const refusal = {
      message: sentenceOf('TOKEN_REFUSED', 'authorization'),
      extensions: { code: 'TOKEN_REFUSED' },
    }
    return jsonAnswer(401, { errors: [refusal] }, { 'www-authenticate': 'Bearer' })
  }
}

/** Whether a request proves itself with this token; null: nobody has one. */
export function hasBearer({ authorization }: RouteRequest['headers'], expected: string | null): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
  return expected !== null && given !== undefined && timingSafeEqual(digest(expected), digest(given))
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
