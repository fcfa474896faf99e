import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'

/**
 * Whether a condition stands on the one root field of a subscription, which there is whatever the variables say (GraphQL
 * specification, September 2025, §5.2.4.1). Asked before validation, whose rule about that field fails on such a condition.
 */
export const hasConditionalRoot = (document: DocumentNode, operation: OperationDefinitionNode): boolean => {
  const entered = new Set<string>()
  const isConditional = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      const names = (selection.directives ?? []).map(({ name }) => name.value)
      if (names.includes('skip') || names.includes('include')) return true
      if (selection.kind === Kind.FIELD) return false
      if (selection.kind === Kind.INLINE_FRAGMENT) return isConditional(selection.selectionSet)
      const name = selection.name.value
      const fragment = document.definitions.find(
        (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
      )
      if (entered.has(name) || fragment?.kind !== Kind.FRAGMENT_DEFINITION) return false
      entered.add(name)
      return isConditional(fragment.selectionSet)
    })
  return operation.operation === 'subscription' && isConditional(operation.selectionSet)
}
