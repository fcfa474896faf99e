import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'

const META = new Set(['__typename', '__schema', '__type'])

/** Root fields about the schema, fragments flattened into those that lead to one. They are answered here, never planned. */
export const metaSelections = (set: SelectionSetNode): SelectionNode[] =>
  filterRoot(set, (field) => META.has(field.name.value))

/** The rest: what has to be fetched. */
export const dataSelections = (set: SelectionSetNode): SelectionNode[] =>
  filterRoot(set, (field) => !META.has(field.name.value))

/** Whether an operation looks into the schema; `__typename` alone does not. */
export const introspects = (selections: readonly SelectionNode[]): boolean =>
  selections.some((selection) =>
    selection.kind === Kind.FIELD
      ? selection.name.value !== '__typename'
      : selection.kind === Kind.INLINE_FRAGMENT && introspects(selection.selectionSet.selections),
  )

const filterRoot = (set: SelectionSetNode, wanted: (field: FieldNode) => boolean): SelectionNode[] =>
  set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return wanted(selection) ? [selection] : []
    if (selection.kind !== Kind.INLINE_FRAGMENT) return []
    const inner = filterRoot(selection.selectionSet, wanted)
    return inner.length === 0
      ? []
      : [{ ...selection, selectionSet: { ...selection.selectionSet, selections: inner } }]
  })
