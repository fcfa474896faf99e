import { Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from './field-set.ts'
import type { RuleGraph } from './rule-graph.ts'

/** One field a field set selects, with the fields it went through. */
export interface Selected {
  readonly type: string
  readonly field: string
  /** Coordinates from the outermost field inward, this one excluded. */
  readonly through: readonly { readonly type: string; readonly field: string }[]
  readonly isLeaf: boolean
}

/** Every field a field set selects from a type, on every possible type; empty when it is no field set. */
export const selectedFields = (graph: RuleGraph, type: string, fieldSet: string): Selected[] => {
  try {
    return walk(graph, type, parseFieldSet(fieldSet), [])
  } catch {
    return []
  }
}

const walk = (
  graph: RuleGraph,
  type: string,
  set: SelectionSetNode,
  through: Selected['through'],
): Selected[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return walk(graph, selection.typeCondition?.name.value ?? type, selection.selectionSet, through)
    if (selection.kind !== Kind.FIELD) return []
    return possibleOrSelf(graph, type).flatMap((owner) => {
      const field = selection.name.value
      const inner = selection.selectionSet
      const named = graph.namedTypeOf(owner, field)
      const nested =
        inner === undefined || named === null
          ? []
          : walk(graph, named, inner, [...through, { type: owner, field }])
      return [{ type: owner, field, through, isLeaf: inner === undefined }, ...nested]
    })
  })

const possibleOrSelf = (graph: RuleGraph, type: string): readonly string[] => {
  const possible = graph.possibleTypes(type)
  return possible.length === 0 ? [type] : possible
}
