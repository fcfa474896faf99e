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
 * Where an interface object returns an interface object, and what is asked of it stands in fragments or is another subgraph's,
 * the planner forgets the key by which it is found there. So the key is asked beside that, and not again inside fragments.
 * The answer is made from the client's operation and does not show it.
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
      const leading = leadingTo(type, selection, world)
      const isNeeded = inner.selections.some((one) => isTyped(one) || isElsewhere(one, child, leading))
      return isNeeded
        ? { ...selection, selectionSet: withKey(inner, keyOf(child, leading, world)) }
        : { ...selection, selectionSet: inner }
    }),
  )

/** The subgraphs that have the field which leads there. */
const leadingTo = (type: string, field: FieldNode, { supergraph }: World): readonly SubgraphView[] => {
  const owners = [type, ...(supergraph.types.get(type)?.possible ?? [])]
  return [...supergraph.subgraphs.values()].filter((view) =>
    owners.some((owner) => view.types.get(owner)?.fields.has(field.name.value)),
  )
}

const isElsewhere = (selection: SelectionNode, type: string, leading: readonly SubgraphView[]): boolean =>
  selection.kind === Kind.FIELD &&
  selection.name.value !== '__typename' &&
  leading.some((view) => view.types.get(type)?.fields.has(selection.name.value) !== true)

/** Key fields of an interface object that every subgraph can answer which leads there. */
const keyOf = (child: string, leading: readonly SubgraphView[], world: LoadedWorld): readonly FieldNode[] => {
  if (world.supergraph.types.get(child)?.kind !== 'interface') return []
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
  if (key.length === 0) return set
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
