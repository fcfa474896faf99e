import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { CodedFailure } from './coded-failure.ts'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import type { Log } from './log.ts'

/**
 * Errors as they may leave a subgraph. Those we raised on purpose carry a code and keep their message; what went
 * wrong otherwise may quote a value (a database's, a scalar's, a variable's), so it is named by its place alone.
 */
export function formatErrors(
  subgraph: string,
  errors: readonly unknown[],
  log?: Log,
): readonly GraphQLFormattedError[] {
  const failures = new Map<string, { readonly event: object; count: number }>()
  const formatted = errors.map((error) => {
    const known = error instanceof GraphQLError ? deliberate(error) : null
    if (known) return known
    const { path, originalError = error } = error as Partial<GraphQLError>
    const field = path?.filter((step) => typeof step === 'string').join('.')
    const event = { field, ...traits(originalError) }
    const same = failures.get(JSON.stringify(event)) ?? { event, count: 0 }
    same.count += 1
    failures.set(JSON.stringify(event), same)
    // Its place may be a file of ours, which is for the log alone.
    return masked(path, originalError instanceof CodedFailure ? originalError.code : 'INTERNAL')
  })
  for (const { event, count } of failures.values())
    log?.({ subgraph, ...event, count }, 'A field could not be answered.')
  return formatted
}

/** The form of an error that was raised on purpose, or by a document that does not fit the schema; else null. */
function deliberate(error: GraphQLError): GraphQLFormattedError | null {
  const { message, path, locations, extensions, originalError } = error
  const code = extensions['code']
  const place = extensions['place']
  if (typeof code === 'string')
    return {
      message,
      ...(path ? { path } : {}),
      extensions: { code, ...(typeof place === 'string' && { place }) },
    }
  if (path || (originalError && !(originalError instanceof GraphQLError))) return null
  return {
    message: withoutValues(message),
    ...(locations ? { locations } : {}),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' satisfies SubgraphErrorCode },
  }
}

function masked(
  path: readonly (string | number)[] | undefined,
  code: SubgraphErrorCode,
): GraphQLFormattedError {
  return { message: sentenceOf(code), ...(path ? { path } : {}), extensions: { code } }
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
