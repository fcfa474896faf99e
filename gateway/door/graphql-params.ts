import { AssentError } from '../errors.ts'
import { exactVariables, parseOperations } from './exact-variables.ts'

/** One operation as a client sent it, on whatever transport. */
export interface GraphqlParams {
  readonly query: string | undefined
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  /** The same, with the numbers marked that are rounded there; absent when none is. */
  readonly exactVariables?: Readonly<Record<string, unknown>> | undefined
  readonly extensions: Readonly<Record<string, unknown>>
  /** Names a document that the gateway has, instead of `query`. */
  readonly documentId: string | undefined
}

/** The parameters of a JSON body, or of one member of a batch; null stands for absent (GraphQL over HTTP §4.4.1). */
export const paramsFromBody = (body: unknown): GraphqlParams => {
  if (!isRecord(body)) throw new AssentError('PARAMETERS_INVALID', 'body')
  return {
    query: textOf(body, 'query'),
    operationName: textOf(body, 'operationName'),
    variables: recordOf(body, 'variables'),
    exactVariables: exactVariables(body),
    extensions: recordOf(body, 'extensions'),
    documentId: textOf(body, 'documentId') ?? textOf(body, 'id'),
  }
}

/** The parameters of a url, each at most once; an empty one counts as absent (GraphQL over HTTP §4.3). */
export const paramsFromSearch = (search: string): GraphqlParams => {
  const written = new URLSearchParams(search)
  const one = (name: string): string | undefined => {
    const [value, ...more] = written.getAll(name)
    if (more.length > 0) throw new AssentError('PARAMETERS_INVALID', name)
    return value === '' ? undefined : value
  }
  return paramsFromBody({
    query: one('query'),
    operationName: one('operationName'),
    ...jsonMember('variables', one('variables')),
    ...jsonMember('extensions', one('extensions')),
    documentId: one('documentId') ?? one('id'),
  })
}

/** A parameter that is JSON itself, as it would stand in a body. */
const jsonMember = (name: string, text: string | undefined): object => {
  if (text === undefined) return {}
  try {
    JSON.parse(text)
    return parseOperations(`{"${name}":${text}}`, (body) => [body]) as object
  } catch {
    throw new AssentError('PARAMETERS_INVALID', name)
  }
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze(
  Object.create(null) as Record<string, unknown>,
)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (body: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = body[name] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw new AssentError('PARAMETERS_INVALID', name)
  return value
}

const recordOf = (
  body: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> => {
  const value = body[name] ?? NOTHING
  if (!isRecord(value)) throw new AssentError('PARAMETERS_INVALID', name)
  return value
}
