import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { inlineFragments } from './inline-fragments.ts'
import { refuseReservedKeys } from './response-keys.ts'

/** The operation to run, with its fragments inlined. The document has been measured and validated: it is not too much, and circles and unknown fields are gone. */
export const readOperation = (
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode => {
  const operation = chooseOperation(document, operationName)
  const selectionSet = inlineFragments(operation.selectionSet, document)
  refuseReservedKeys(selectionSet)
  refuseReservedVariables(operation)
  if (operation.operation === 'subscription') refuseConditionalRoot(selectionSet)
  return { ...operation, selectionSet }
}

/** A subscription has one root field, whatever the variables say (GraphQL specification, September 2025, §5.2.4.1). */
const refuseConditionalRoot = ({ selections }: SelectionSetNode): void => {
  for (const selection of selections) {
    if ((selection.directives ?? []).some(({ name }) => ['skip', 'include'].includes(name.value)))
      throw new AssentError('GRAPHQL_VALIDATION_FAILED', 'subscription root field')
    if (selection.kind === Kind.INLINE_FRAGMENT) refuseConditionalRoot(selection.selectionSet)
  }
}

/** Names under which representations travel. */
const refuseReservedVariables = ({ variableDefinitions = [] }: OperationDefinitionNode): void => {
  const reserved = variableDefinitions.find(({ variable }) =>
    /^(_|representations$)/.test(variable.name.value),
  )
  if (reserved !== undefined)
    throw new AssentError('RESPONSE_KEY_RESERVED', `$${reserved.variable.name.value}`)
}

const chooseOperation = (
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode => {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const [first, second] = operations
  if (operationName === undefined && second !== undefined)
    throw new AssentError('OPERATION_NAME_MISSING', 'operationName')
  const chosen =
    operationName === undefined ? first : operations.find((node) => node.name?.value === operationName)
  if (chosen === undefined) throw new AssentError('OPERATION_RESOLUTION_FAILURE', 'operationName')
  return chosen
}
