import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Replaces every named fragment by an inline one. The document must be validated: a cycle would not end. */
export const inlineFragments = (set: SelectionSetNode, document: DocumentNode): SelectionSetNode => {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  return inlineIn(set, fragments)
}

const inlineIn = (
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value)
      if (fragment === undefined) throw new Error('unknown fragment')
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: fragment.typeCondition,
        directives: selection.directives ?? [],
        selectionSet: inlineIn(fragment.selectionSet, fragments),
      }
    }
    return selection.selectionSet === undefined
      ? selection
      : { ...selection, selectionSet: inlineIn(selection.selectionSet, fragments) }
  }),
})
