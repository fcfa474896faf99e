import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
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
    if (selection.kind !== Kind.INLINE_FRAGMENT || selection.typeCondition === undefined) return []
    return pruneFragment(selection, { on: '', types: [pruning.type] }, pruning)
  })
  return kept.length === 0 ? null : selections(kept)
}

/** Where a field of the person itself stands. */
interface Standing {
  /** The type the subgraph knows the fragment by. */
  readonly on: string
  /** What an object may be to which the fragment applies. */
  readonly types: readonly string[]
}

const pruneFragment = (fragment: InlineFragmentNode, at: Standing, pruning: Pruning): SelectionNode[] => {
  const condition = fragment.typeCondition?.name.value
  const types = at.types.flatMap((type) => admitted(condition, type, pruning.world))
  if (types.length === 0) return []
  const inner = pruneTop(fragment.selectionSet, { on: condition ?? at.on, types }, pruning)
  return inner.length === 0 ? [] : [{ ...fragment, selectionSet: selections(inner) }]
}

/** An object that is known by the name of an interface object alone may turn out to be of any type behind it. */
const admitted = (condition: string | undefined, type: string, world: World): readonly string[] => {
  if (admits(world, condition, type)) return [type]
  const known = world.supergraph.types.get(type)
  return known?.kind === 'interface' ? known.possible.filter((one) => admits(world, condition, one)) : []
}

const selections = (nodes: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections: nodes,
})

/** Fields of the person itself. */
const pruneTop = (set: SelectionSetNode, at: Standing, pruning: Pruning): SelectionNode[] =>
  set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return pruneFragment(selection, at, pruning)
    if (selection.kind !== Kind.FIELD) return []
    const name = selection.name.value
    const mayHave = (type: string): boolean =>
      isProtected(pruning.world, type, name) ? pruning.keeps(`${type}.${name}`) : pruning.keepsOpen
    return at.types.every(mayHave) ? [pruneBelow(selection, at.on, pruning)] : []
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
