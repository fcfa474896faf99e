import {
  type FieldNode,
  type GraphQLSchema,
  isInterfaceType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { selectionSet, TYPENAME } from './query-plan.ts'
import type { LoadedWorld } from './load-world.ts'
import { isProtected, knowsInterfaceObjects, type World } from './world.ts'

/**
 * Where an interface object returns an interface object and everything asked of it stands in fragments, the planner
 * forgets the key by which its type is found. So the key is asked beside the fragments, and not again inside them. The
 * answer is made from the client's operation and does not show it.
 */
export const hoistKeys = (set: SelectionSetNode, type: string, world: LoadedWorld): SelectionSetNode =>
  knowsInterfaceObjects(world) ? hoistIn(set, type, world) : set

const hoistIn = (set: SelectionSetNode, type: string, world: LoadedWorld): SelectionSetNode =>
  selectionSet(
    set.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return selection
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value ?? type
        return { ...selection, selectionSet: hoistIn(selection.selectionSet, on, world) }
      }
      const child = world.supergraph.types.get(type)?.fields.get(selection.name.value)?.named ?? ''
      const inner = hoistIn(selection.selectionSet, child, world)
      return { ...selection, selectionSet: withKey(inner, keyBehind(type, selection, world)) }
    }),
  )

/** Key fields of an interface object that every subgraph can answer that has the field which leads there. */
const keyBehind = (type: string, field: FieldNode, world: LoadedWorld): readonly FieldNode[] => {
  const child = world.supergraph.types.get(type)?.fields.get(field.name.value)?.named ?? ''
  if (world.supergraph.types.get(child)?.kind !== 'interface') return []
  const owners = [type, ...(world.supergraph.types.get(type)?.possible ?? [])]
  const leading = [...world.supergraph.subgraphs.values()].filter((view) =>
    owners.some((owner) => view.types.get(owner)?.fields.has(field.name.value)),
  )
  const keys = leading.flatMap((view) => objectKeys(view, child))
  const isOpen = (key: readonly FieldNode[]): boolean =>
    key.length > 0 && isShown(key, child, world.apiSchema) && !key.some((one) => isSecret(one, child, world))
  return keys.find((key) => isOpen(key) && leading.every((view) => canAnswer(view, key, child))) ?? []
}

/** The planner plans only what clients may see. */
const isShown = (key: readonly FieldNode[], type: string, schema: GraphQLSchema): boolean => {
  const known = schema.getType(type)
  return isInterfaceType(known) && key.every(({ name }) => known.getFields()[name.value] !== undefined)
}

const isSecret = ({ name }: FieldNode, type: string, world: World): boolean =>
  [type, ...(world.supergraph.types.get(type)?.possible ?? [])].some((one) =>
    isProtected(world, one, name.value),
  )

const objectKeys = (view: SubgraphView, type: string): FieldNode[][] => {
  const known = view.types.get(type)
  if (known?.isInterfaceObject !== true) return []
  return known.keys.flatMap(({ fields }) => {
    const { selections } = parseFieldSet(fields)
    const leaves = selections.filter(isLeaf)
    return leaves.length === selections.length ? [leaves] : []
  })
}

const isLeaf = (selection: SelectionNode): selection is FieldNode =>
  selection.kind === Kind.FIELD && selection.selectionSet === undefined

const canAnswer = (view: SubgraphView, key: readonly FieldNode[], type: string): boolean =>
  key.every(({ name }) => view.types.get(type)?.fields.has(name.value) === true)

const withKey = (set: SelectionSetNode, key: readonly FieldNode[]): SelectionSetNode => {
  if (key.length === 0 || !set.selections.some(isTyped)) return set
  const names = new Set(key.map(({ name }) => name.value))
  return selectionSet([...key, ...without(set, names).selections])
}

const isTyped = (selection: SelectionNode): boolean =>
  selection.kind === Kind.INLINE_FRAGMENT &&
  (selection.typeCondition !== undefined || selection.selectionSet.selections.some(isTyped))

/** A fragment that asked nothing else still asks whether its type is there. */
const without = (set: SelectionSetNode, names: ReadonlySet<string>): SelectionSetNode => {
  const kept = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return [{ ...selection, selectionSet: without(selection.selectionSet, names) }]
    const isKey = isLeaf(selection) && names.has(selection.name.value) && selection.alias === undefined
    return isKey ? [] : [selection]
  })
  return selectionSet(kept.length > 0 ? kept : [TYPENAME])
}
