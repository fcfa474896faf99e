import { ERRORS } from '../error-catalogue.ts'
import type { ErrorCode } from '../errors.ts'
import type { MediaType } from './accept.ts'
import type { DoorAnswer } from './answer-text.ts'

/** Whose status codes: those of the published draft and its audit, or those of the draft of 2026. */
export type StatusCodes = 'standard' | 'draft-2026'

export interface Head {
  readonly status: number
  readonly type: MediaType
}

/**
 * Status and media type of an answer (GraphQL over HTTP §5.4).
 * Standard: a client that reads `application/json` trusts 200 alone, so it is told there of documents that do not fit.
 * Draft of 2026: 400 is for what does not parse, 422 for what does not fit, 294 for data with errors; an answer to such a
 * client is `application/json` only when it is a success.
 */
export const headOf = (answer: DoorAnswer, type: MediaType, codes: StatusCodes): Head => {
  const status = answer.status ?? statusOf(answer, type, codes)
  const isRefused = status < 200 || status > 299
  return { status, type: codes === 'draft-2026' && isRefused ? 'application/graphql-response+json' : type }
}

const statusOf = (answer: DoorAnswer, type: MediaType, codes: StatusCodes): number => {
  const isReadAsResponse = type === 'application/graphql-response+json'
  if (answer.data === undefined) return statusOfRefusal(answer, isReadAsResponse, codes)
  const isPartial = (answer.errors?.length ?? 0) > 0
  return isPartial && isReadAsResponse && codes === 'draft-2026' ? 294 : 200
}

const statusOfRefusal = ({ errors }: DoorAnswer, isReadAsResponse: boolean, codes: StatusCodes): number => {
  const code = errors?.[0]?.extensions?.['code']
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return 500
  if (codes === 'draft-2026' && DOES_NOT_FIT.has(code)) return 422
  if (codes === 'standard' && !isReadAsResponse && TOLD_WITH_200.has(code)) return 200
  return ERRORS[code as ErrorCode].status
}

const setOf = (...names: ErrorCode[]): ReadonlySet<string> => new Set(names)

/** A request that is GraphQL and cannot be executed. */
const TOLD_WITH_200 = setOf(
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_NAME_MISSING',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
)

/** Can be read, and makes no sense: the unprocessable content of RFC 9110 §15.5.21. */
const DOES_NOT_FIT = setOf(
  'PARAMETERS_INVALID',
  'BATCH_TOO_LARGE',
  'PERSISTED_QUERY_MISMATCH',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_NAME_MISSING',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_UNSUPPORTED',
  'OPERATION_TOO_LARGE',
  'OPERATION_TOO_COSTLY',
  'VARIABLES_TOO_LARGE',
  'PAGE_SIZE_MISSING',
  'INTROSPECTION_DISABLED',
  'RESPONSE_KEY_RESERVED',
  'BAD_USER_INPUT',
)
