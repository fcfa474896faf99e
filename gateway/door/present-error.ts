import { randomUUID } from 'node:crypto'
import { GraphQLError, Kind } from 'graphql'
import type { GraphQLFormattedError } from 'graphql'
import { ERRORS } from '../error-catalogue.ts'
import { AssentError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'

/** Where unexpected errors are told, without what they say: their text may repeat a value. */
export type ReportUnexpected = (details: {
  correlation: string
  name: string
  frames: readonly string[]
}) => void

/**
 * What a caller is told of an error: a code of the catalogue with place and remedy, never a value and never a stack.
 * Everything that is not in the catalogue is `INTERNAL` with a correlation id (OWASP API8, CWE-209).
 */
export const createErrorPresenter =
  (report: ReportUnexpected) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { http: _, stacktrace: __, ...extensions } = formatted.extensions ?? {}
    const code = codeOf(extensions['code'])
    if (code === undefined) return presentUnexpected(formatted, error, report)
    if (error instanceof AssentError) return { ...formatted, extensions }
    const node = error instanceof GraphQLError ? error.nodes?.[0]?.kind : undefined
    return {
      ...formatted,
      message: withoutValues(code, formatted.message, node),
      extensions: { ...extensions, code, place: placeOf(code, formatted), remedy: ERRORS[code].remedy },
    }
  }

/** An error of the catalogue as the caller may see it: its status is for the transport. */
export const toldError = (error: AssentError): GraphQLFormattedError => {
  const { http: _, ...extensions } = error.extensions
  const message = READ_BY_CLIENTS.get(error.code) ?? error.message
  return { ...error.toJSON(), message, extensions }
}

/** One answer of several on its way to one client: what is wrong with it is told in its place, and harms no other. */
export const orRefusal = async <Answer>(
  answering: () => Promise<Answer>,
): Promise<Answer | { readonly errors: readonly GraphQLFormattedError[] }> => {
  try {
    return await answering()
  } catch (problem) {
    if (!(problem instanceof AssentError)) throw problem
    return { errors: [toldError(problem)] }
  }
}

/** Messages that clients compare to know what to do next. */
const READ_BY_CLIENTS: ReadonlyMap<ErrorCode, string> = new Map([
  ['PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound'],
  ['PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported'],
])

/** An unexpected error as the caller may see it; the report has the rest under the same correlation id. */
export const internalError = (
  problem: unknown,
  report: ReportUnexpected,
  correlation: string = randomUUID(),
): AssentError => {
  const { name, frames } = problem instanceof Error ? describe(problem) : { name: typeof problem, frames: [] }
  report({ correlation, name, frames })
  return new AssentError('INTERNAL', `correlation id ${correlation}`, { extensions: { correlation } })
}

const presentUnexpected = (
  { locations, path }: GraphQLFormattedError,
  error: unknown,
  report: ReportUnexpected,
): GraphQLFormattedError => {
  const origin = error instanceof GraphQLError ? (error.originalError ?? error) : error
  const { message, extensions } = internalError(origin, report)
  const { http: _, ...told } = extensions
  return { message, ...(locations && { locations }), ...(path && { path }), extensions: told }
}

const describe = ({ name, stack = '' }: Error): { name: string; frames: string[] } => ({
  name,
  frames: stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim()),
})

const codeOf = (code: unknown): ErrorCode | undefined =>
  typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined

const placeOf = (code: ErrorCode, { locations, message }: GraphQLFormattedError): string => {
  const variable = /^Variable "(\$\w+)"/.exec(message)?.[1]
  if (code === 'BAD_USER_INPUT' && variable !== undefined) return variable
  const location = locations?.[0]
  return location === undefined ? 'request' : `document ${location.line}:${location.column}`
}

const VALUE_KINDS: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
])

/** Literals and variables may be personal data, and messages end up in logs: they are cut out. */
const withoutValues = (code: ErrorCode, message: string, node: string | undefined): string => {
  if (code === 'GRAPHQL_PARSE_FAILED')
    return message.replaceAll(/(Name|String|BlockString|Int|Float) "(?:[^"\\]|\\.)*"/gs, '$1')
  if (code === 'GRAPHQL_VALIDATION_FAILED' && node !== undefined && VALUE_KINDS.has(node)) {
    return /^Field "[\w.]+" of required type "[^"]+" was not provided\.$/.test(message)
      ? message
      : 'A value does not fit its type.'
  }
  if (code === 'BAD_USER_INPUT') {
    const [, variable, rest = ''] = /^Variable "\$(\w+)"(.*)$/s.exec(message) ?? []
    if (variable === undefined) return ERRORS[code].sentence
    const required = /^ of (required|non-null) type "[^"]+" (was not provided|must not be null)\.$/.test(rest)
    return required ? message : `Variable "$${variable}" does not fit its type.`
  }
  return message
}
