import type { GraphQLError } from 'graphql'
import type { CompiledOperation, Run } from './compiled-operation.ts'
import { resolveFields } from './resolve-fields.ts'
import { ROOT } from './resolve-info.ts'

interface Request {
  readonly context: unknown
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly data: object | null
  readonly errors: readonly GraphQLError[]
}

export const runOperation = async (
  compiled: CompiledOperation,
  { context, variables }: Request,
): Promise<Answer> => {
  const errors: GraphQLError[] = []
  const run: Run = {
    compiled,
    context,
    variables: { ...variables },
    errors,
    nulled: new Set(),
    given: new Map(),
  }
  try {
    return { data: await resolveFields(run, compiled.root, { source: ROOT, path: undefined }), errors }
  } catch (error) {
    // It has gone up to the top: null may stand nowhere on the way.
    return { data: null, errors: [...errors, error as GraphQLError] }
  }
}
