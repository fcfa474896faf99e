import { GraphQLError } from 'graphql'
import { sentenceOf, type SubgraphErrorCode } from '../../error-catalogue.ts'
import { RETRY_SECONDS } from '../../retry-seconds.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'

/** Why a request of a person is not answered. Thrown anywhere behind the door, and answered in one place. */
export class Refusal extends Error {
  readonly code: SubgraphErrorCode
  readonly retrySeconds: number | null

  constructor(code: SubgraphErrorCode, place?: string, retrySeconds: number | null = null) {
    super(sentenceOf(code, place))
    this.code = code
    this.retrySeconds = retrySeconds
  }
}

const STATUS: Partial<Record<SubgraphErrorCode, number>> = {
  TOKEN_MISSING: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_INVALID: 401,
  TOKEN_NOT_BOUND: 401,
  TOKEN_KEYS_UNAVAILABLE: 503,
  ORIGIN_NOT_ALLOWED: 403,
  PROOF_MISSING: 401,
  PROOF_INVALID: 401,
  PROOF_STALE: 401,
  PROOF_REPLAYED: 409,
  PROOF_OF_ANOTHER_KEY: 401,
  STATEMENT_ID_REUSED: 409,
  NOTICE_STALE: 409,
  STATUS_CANNOT_FOLLOW: 409,
  CONSENT_CHANGED_MEANWHILE: 409,
  SUBJECT_BLOCKED: 409,
  RECEIPT_UNKNOWN: 404,
  TOO_MANY_REQUESTS: 429,
  STORE_UNAVAILABLE: 503,
  INTERNAL: 500,
}

/** The answer to what was thrown; null when nobody threw it on purpose. */
export function refusalAnswer(thrown: unknown): RouteAnswer | null {
  const refusal = asRefusal(thrown)
  if (refusal === null) return null
  const { code, message, retrySeconds } = refusal
  return jsonAnswer(
    STATUS[code] ?? 400,
    { errors: [{ message, extensions: { code } }] },
    retrySeconds === null ? {} : { 'retry-after': String(retrySeconds) },
  )
}

/** Whether it is known what became of the request: it was refused, and nothing was changed. */
function isRefused(thrown: unknown): boolean {
  return asRefusal(thrown) !== null
}

/** Runs what needs the store. What fails there without a code is the store's failure: told so, never taken for a no. */
export async function atStore<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    if (isRefused(thrown)) throw thrown
    const failure = new Refusal('STORE_UNAVAILABLE', undefined, RETRY_SECONDS)
    failure.cause = thrown
    throw failure
  }
}

function asRefusal(thrown: unknown): Pick<Refusal, 'code' | 'message' | 'retrySeconds'> | null {
  if (thrown instanceof Refusal) return thrown
  const code = thrown instanceof GraphQLError ? thrown.extensions['code'] : undefined
  if (typeof code !== 'string') return null
  const retrySeconds = code === ('STORE_UNAVAILABLE' satisfies SubgraphErrorCode) ? RETRY_SECONDS : null
  return { code: code as SubgraphErrorCode, message: (thrown as Error).message, retrySeconds }
}
