import { BREAK, type DocumentNode, getOperationAST, type GraphQLSchema, isObjectType, visit } from 'graphql'
import type { CompiledOperation } from './compiled-operation.ts'
import { fragmentsOf } from './fragments-of.ts'
import { selectionsOf } from './selection.ts'

/**
 * What graphql-js finds out anew for each of the thousands of fields of an answer, found out once an operation: which field
 * stands under a name, how a value of it is completed, whether it has arguments at all. What is answered is the same.
 *
 * Queries without directives are what a gateway asks; everything else is null here, and is the engine's. `document` is valid.
 */
export const compileOperation = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string,
): CompiledOperation | null => {
  const operation = getOperationAST(document, operationName)
  const queryType = schema.getQueryType()
  if (operation?.operation !== 'query' || !queryType) return null
  if (isUnusual(document) || looksAtValues(schema)) return null
  const fragments = fragmentsOf(document)
  return {
    schema,
    operation,
    fragments,
    root: selectionsOf({ schema, fragments })([operation.selectionSet], queryType),
  }
}

/** `@skip`, `@include`, a directive that nobody here knows, or a question about the schema itself. */
const isUnusual = (document: DocumentNode): boolean => {
  let isFound = false
  const find = (): typeof BREAK => {
    isFound = true
    return BREAK
  }
  visit(document, { Directive: find, Field: ({ name }) => (META.has(name.value) ? find() : undefined) })
  return isFound
}

const META: ReadonlySet<string> = new Set(['__schema', '__type'])

const looksAtValues = (schema: GraphQLSchema): boolean =>
  Object.values(schema.getTypeMap()).some((type) => isObjectType(type) && Boolean(type.isTypeOf))
