import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { mapFetches } from './map-fetches.ts'
import { type QueryPlan, selectionSet, TYPENAME } from './query-plan.ts'
import { childType, knowsInterfaceObjects, rootType, viewOf, type World } from './world.ts'

/**
 * Which type an interface object is, only another subgraph knows, and it is not asked where nothing depends on it. But
 * whatever can be of several types has to say something of itself, so the name that the subgraph at hand knows is asked.
 */
export const nameInterfaceObjects = (plan: QueryPlan, world: World): QueryPlan => {
  if (plan.root === null || !knowsInterfaceObjects(world)) return plan
  const named = (set: SelectionSetNode, type: string, subgraph: string): SelectionSetNode =>
    nameIn(set, type, { world, view: viewOf(world, subgraph) })
  return {
    root: mapFetches(plan.root, {
      fetch: (node) => ({
        ...node,
        selection: named(node.selection, rootType(world, node.operation), node.subgraph),
      }),
      entities: (node) => ({
        ...node,
        lookups: node.lookups.map((lookup) => ({
          ...lookup,
          selection: named(lookup.selection, '', node.subgraph),
        })),
      }),
    }),
  }
}

interface Naming {
  readonly world: World
  readonly view: SubgraphView
}

const nameIn = (set: SelectionSetNode, type: string, naming: Naming): SelectionSetNode =>
  selectionSet(
    set.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return selection
      if (selection.kind === Kind.FIELD) return nameBelow(selection, type, naming)
      const on = selection.typeCondition?.name.value ?? type
      return { ...selection, selectionSet: nameIn(selection.selectionSet, on, naming) }
    }),
  )

const nameBelow = (field: FieldNode, type: string, naming: Naming): FieldNode => {
  const child = childType(naming.view, type, field.name.value) ?? ''
  const inner = nameIn(field.selectionSet ?? selectionSet([]), child, naming)
  const isNamed =
    naming.world.supergraph.types.get(child)?.kind !== 'interface' || inner.selections.some(isName)
  return { ...field, selectionSet: isNamed ? inner : selectionSet([TYPENAME, ...inner.selections]) }
}

const isName = (selection: SelectionNode): boolean =>
  selection.kind === Kind.FIELD && selection.name.value === '__typename' && selection.alias === undefined
