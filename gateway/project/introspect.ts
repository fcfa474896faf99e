import {
  type ExecutionResult,
  executeSync,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql'
import type { DataObject } from '../execute/targets.ts'

/** Root fields about the schema, answered from the API schema alone. */
export const introspect = (
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  { schema, variables }: { schema: GraphQLSchema; variables: Readonly<Record<string, unknown>> },
): DataObject => {
  if (selections.length === 0) return {}
  const definition = { ...operation, selectionSet: { ...operation.selectionSet, selections } }
  const result: ExecutionResult = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [definition] },
    variableValues: variables,
  })
  return { ...result.data }
}
