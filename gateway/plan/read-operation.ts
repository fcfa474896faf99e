import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { AssentError } from '../errors.ts'
import { inlineFragments } from './inline-fragments.ts'
import { refuseReservedKeys } from './response-keys.ts'

/** The operation to run, with its fragments inlined. The document has been validated: cycles and unknown fields are gone. */
export const readOperation = (
  document: DocumentNode,
  operationName: string | undefined,
  mostSelections: number,
): OperationDefinitionNode => {
  const operation = chooseOperation(document, operationName)
  const size = expandedSize(operation.selectionSet, document)
  if (size > mostSelections)
    throw new AssentError(
      'OPERATION_TOO_LARGE',
      `more than ${mostSelections} selections once fragments are expanded`,
    )
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

/** Selections after fragment expansion, counted once a fragment: doubling fragments are exponential to expand, not to count (CVE-2025-32030). */
const expandedSize = (set: SelectionSetNode, document: DocumentNode): number => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const known = new Map<string, number>()
  const sizeOf = (selections: SelectionSetNode): number => {
    let size = 0
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) size += fragmentSize(selection.name.value)
      else size += 1 + (selection.selectionSet === undefined ? 0 : sizeOf(selection.selectionSet))
    }
    return size
  }
  const fragmentSize = (name: string): number => {
    const seen = known.get(name)
    if (seen !== undefined) return seen
    const fragment = fragments.get(name)
    known.set(name, Number.POSITIVE_INFINITY)
    const size = fragment === undefined ? 0 : sizeOf(fragment.selectionSet)
    known.set(name, size)
    return size
  }
  return sizeOf(set)
}
