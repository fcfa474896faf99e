import { type GraphQLSchema, getVariableValues, parse, validate } from 'graphql'
import { compileOperation } from './compile-operation.ts'
import type { CompiledOperation } from './compiled-operation.ts'
import { extentOf } from './extent.ts'
import { type Answer, runOperation } from './run-operation.ts'

interface Asked {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly context: object
  /** Whether the text may be remembered: a gateway's is; anybody else could make up texts without end. */
  readonly isGateways: boolean
}

/** Answers what it can; null: ask the engine, which knows everything, refuses what is wrong, and says why. */
export type QuickOperations = (asked: Asked) => Promise<Answer> | null

/** A gateway asks the same texts over and over: each is read once. */
export const quickOperations = (schema: GraphQLSchema): QuickOperations => {
  const known = keptTexts()
  return ({ query, variables, operationName, context, isGateways }) => {
    // Its length first: no name and text put together are another name and text.
    const key = `${operationName?.length ?? 'none'} ${operationName ?? ''} ${query}`
    if (key.length > LONGEST) return null
    let compiled = known.get(key)
    if (compiled === undefined) {
      const read = readOperation(schema, query, operationName)
      if (isGateways) known.set(key, read)
      compiled = read.compiled
    }
    if (compiled === null) return null
    const { coerced } = getVariableValues(
      schema,
      compiled.operation.variableDefinitions ?? [],
      { ...variables },
      // One is enough: the engine says which.
      { maxErrors: 0 },
    )
    return coerced === undefined ? null : runOperation(compiled, { context, variables: coerced })
  }
}

/** A longer text is read each time. */
const LONGEST = 20_000
/** What is asked for at more places than this is the engine's, which keeps nothing of it. */
const MOST_FIELDS = 2000

interface Read {
  readonly compiled: CompiledOperation | null
  readonly fields: number
}

const readOperation = (schema: GraphQLSchema, query: string, operationName?: string): Read => {
  try {
    const document = parse(query, { noLocation: true })
    const fields = extentOf(document)
    if (fields > MOST_FIELDS || validate(schema, document).length > 0) return NOT_COMPILED
    return { compiled: compileOperation(schema, document, operationName), fields }
  } catch {
    // It is no GraphQL at all: the engine says where.
    return NOT_COMPILED
  }
}

const NOT_COMPILED: Read = { compiled: null, fields: 0 }

interface KeptTexts {
  readonly get: (key: string) => CompiledOperation | null | undefined
  readonly set: (key: string, read: Read) => void
}

/** Of everything that is kept: characters, and each field as many of them as what is known of it takes memory. */
const MOST_KEPT = 1_000_000
const A_FIELD = 30

const keptTexts = (): KeptTexts => {
  const known = new Map<string, CompiledOperation | null>()
  let kept = 0
  return {
    get: (key) => known.get(key),
    set: (key, { compiled, fields }) => {
      const weight = key.length + fields * A_FIELD
      if (kept + weight > MOST_KEPT) {
        known.clear()
        kept = 0
      }
      kept += weight
      known.set(key, compiled)
    },
  }
}
