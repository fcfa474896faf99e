import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { selectionSet, TYPENAME } from '../plan/query-plan.ts'
import { isActive, withoutConditions } from './conditions.ts'

/**
 * The selection as one request means it: what `@skip` and `@include` switch off is gone, and so are the conditions. The
 * planner sees none: it loses some, and puts others where no subgraph takes them.
 */
export const settleConditions = (
  set: SelectionSetNode,
  variables: Readonly<Record<string, unknown>>,
): SelectionSetNode =>
  selectionSet(
    set.selections
      .filter((selection) => isActive(selection, variables))
      .flatMap((selection) => settle(withoutConditions(selection), variables)),
  )

const settle = (
  selection: SelectionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly SelectionNode[] => {
  if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return [selection]
  const inner = settleConditions(selection.selectionSet, variables)
  const isEmpty = inner.selections.length === 0
  // Whether the object is there is part of the answer, even when nothing of it is.
  if (selection.kind === Kind.FIELD)
    return [{ ...selection, selectionSet: isEmpty ? selectionSet([TYPENAME]) : inner }]
  if (isEmpty) return []
  const isBare = selection.typeCondition === undefined && (selection.directives ?? []).length === 0
  return isBare ? inner.selections : [{ ...selection, selectionSet: inner }]
}
