import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { admits, childType, isProtected, isSubject, possibleIn, viewOf, type World } from '../plan/world.ts'
import { TYPENAME } from '../plan/query-plan.ts'

/** What is left of a lookup's selection for one concrete type and one granted set. */
export interface Pruning {
  readonly world: World
  readonly subgraph: string
  /** The concrete type of the objects asked for. */
  readonly type: string
  readonly keeps: (coordinate: string) => boolean
  /** False in an anonymous partition: nobody's default carries no unprotected field of anybody. */
  readonly keepsOpen: boolean
}

/**
 * Takes out every protected coordinate that is not granted, and everything that is for other types.
 * Null when nothing is left to ask: then nothing is sent.
 */
export const prune = (set: SelectionSetNode, pruning: Pruning): SelectionSetNode | null => {
  const kept = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind !== Kind.INLINE_FRAGMENT) return []
    const condition = selection.typeCondition?.name.value
    if (condition === undefined || !admits(pruning.world, condition, pruning.type)) return []
    const inner = pruneTop(selection.selectionSet, condition, pruning)
    return inner.length === 0 ? [] : [{ ...selection, selectionSet: selections(inner) }]
  })
  return kept.length === 0 ? null : selections(kept)
}

const selections = (nodes: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections: nodes,
})

/** Fields of the person itself; `on` is the type the subgraph knows the fragment by. */
const pruneTop = (set: SelectionSetNode, on: string, pruning: Pruning): SelectionNode[] =>
  set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value
      if (!admits(pruning.world, condition, pruning.type)) return []
      const inner = pruneTop(selection.selectionSet, condition ?? on, pruning)
      return inner.length === 0 ? [] : [{ ...selection, selectionSet: selections(inner) }]
    }
    if (selection.kind !== Kind.FIELD) return []
    const name = selection.name.value
    const isOpen = !isProtected(pruning.world, pruning.type, name)
    if (isOpen ? !pruning.keepsOpen : !pruning.keeps(`${pruning.type}.${name}`)) return []
    return [pruneBelow(selection, on, pruning)]
  })

/** Below a kept field: value types are still this person's; an emptied object keeps `__typename`, so that its place is known. */
const pruneBelow = (field: FieldNode, on: string, pruning: Pruning): FieldNode => {
  const child =
    field.selectionSet === undefined
      ? null
      : childType(viewOf(pruning.world, pruning.subgraph), on, field.name.value)
  if (field.selectionSet === undefined || child === null) return field
  const inner = pruneValue(field.selectionSet, child, pruning)
  return { ...field, selectionSet: selections(inner.length > 0 ? inner : [TYPENAME]) }
}

const pruneValue = (set: SelectionSetNode, type: string, pruning: Pruning): SelectionNode[] => {
  const view = viewOf(pruning.world, pruning.subgraph)
  const mine = possibleIn(view, type).filter((name) => !isSubject(pruning.world, name))
  return set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const inner = pruneValue(selection.selectionSet, selection.typeCondition?.name.value ?? type, pruning)
      return inner.length === 0 ? [] : [{ ...selection, selectionSet: selections(inner) }]
    }
    if (selection.kind !== Kind.FIELD) return []
    const name = selection.name.value
    const refused = mine.some(
      (owner) => isProtected(pruning.world, owner, name) && !pruning.keeps(`${owner}.${name}`),
    )
    return refused ? [] : [pruneBelow(selection, type, pruning)]
  })
}
