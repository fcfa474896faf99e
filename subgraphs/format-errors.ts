import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Log } from './serve.ts'

/**
 * Errors as they may leave a subgraph. Those we raised on purpose carry a code and keep their message; what went
 * wrong otherwise may quote a value (a database's, a scalar's, a variable's), so it is named by its place alone.
 */
export function formatErrors(
  subgraph: string,
  errors: readonly unknown[],
  log?: Log,
): readonly GraphQLFormattedError[] {
  return errors.map((error) => {
    if (!(error instanceof GraphQLError)) return masked(subgraph, { cause: error }, log)
    const { message, path, locations, extensions, originalError } = error
    const place = path === undefined ? {} : { path }
    if (typeof extensions['code'] === 'string')
      return { message, ...place, extensions: { code: extensions['code'] } }
    if (path !== undefined || originalError) return masked(subgraph, { cause: originalError, ...place }, log)
    const code = 'GRAPHQL_VALIDATION_FAILED'
    return locations === undefined
      ? { message: 'The operation cannot be run.', extensions: { code } }
      : { message: withoutValues(message), locations, extensions: { code } }
  })
}

interface Failure {
  readonly cause: unknown
  readonly path?: readonly (string | number)[]
}

function masked(subgraph: string, { cause, path }: Failure, log: Log | undefined): GraphQLFormattedError {
  log?.({ subgraph, path: path?.join('.'), ...traits(cause) }, 'A field could not be answered.')
  return {
    message: 'The subgraph could not answer this.',
    ...(path === undefined ? {} : { path }),
    extensions: { code: 'INTERNAL' },
  }
}

/** Where an error came from, without its message: that may quote what it failed on. */
function traits(cause: unknown): object {
  if (!(cause instanceof Error)) return {}
  const frames = cause.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    error: cause.name,
    code: (cause as { code?: unknown }).code,
    stack: frames?.slice(0, 8).join('\n'),
  }
}

/** Validation quotes the document, which names types and fields; variables are quoted with their values. */
function withoutValues(message: string): string {
  const variable = /^Variable "(\$\w+)"/.exec(message)?.[1]
  return variable !== undefined && /got invalid value/.test(message)
    ? `Variable "${variable}" has a value of another type.`
    : message
}
