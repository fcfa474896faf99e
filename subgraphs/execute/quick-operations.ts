import { type GraphQLSchema, getVariableValues, parse, validate } from 'graphql'
import { compileOperation } from './compile-operation.ts'
import type { CompiledOperation } from './compiled-operation.ts'
import { type Answer, runOperation } from './run-operation.ts'

interface Asked {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly context: object
}

/** Answers what it can; null: ask the engine, which knows everything, refuses what is wrong, and says why. */
export type QuickOperations = (asked: Asked) => Promise<Answer> | null

/** A gateway asks the same texts over and over: each is read once. */
export const quickOperations = (schema: GraphQLSchema): QuickOperations => {
  const known = new Map<string, CompiledOperation | null>()
  return ({ query, variables, operationName, context }) => {
    // Its length first: no name and text put together are another name and text.
    const key = `${operationName?.length ?? 'none'} ${operationName ?? ''} ${query}`
    if (key.length > LONGEST) return null
    let compiled = known.get(key)
    if (compiled === undefined) {
      compiled = read(schema, query, operationName)
      if (known.size >= MOST) known.clear()
      known.set(key, compiled)
    }
    if (compiled === null) return null
    const { coerced } = getVariableValues(schema, compiled.operation.variableDefinitions ?? [], {
      ...variables,
    })
    return coerced === undefined ? null : runOperation(compiled, { context, variables: coerced })
  }
}

/** Anybody may make up texts, and they must not fill the memory: together they are never more than some ten megabytes. */
const MOST = 500
const LONGEST = 20_000

const read = (schema: GraphQLSchema, query: string, operationName?: string): CompiledOperation | null => {
  try {
    const document = parse(query)
    return validate(schema, document).length > 0 ? null : compileOperation(schema, document, operationName)
  } catch {
    // It is no GraphQL at all: the engine says where.
    return null
  }
}
