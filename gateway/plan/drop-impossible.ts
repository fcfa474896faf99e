import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { mapFetches } from './map-fetches.ts'
import { type QueryPlan, selectionSet, TYPENAME } from './query-plan.ts'
import { viewOf, type World } from './world.ts'

/**
 * For an input of an interface object the planner writes a fragment for every type behind it, also where the object is of one
 * type: `{ books { ...on Film { title } title } }`, which a subgraph refuses. What can match nothing is left out.
 */
export const dropImpossible = (plan: QueryPlan, world: World): QueryPlan => ({
  root:
    plan.root === null
      ? null
      : mapFetches(plan.root, {
          fetch: (node) => {
            const root = world.supergraph.roots.get(node.operation) ?? ''
            return { ...node, selection: kept(node.selection, root, viewOf(world, node.subgraph)) }
          },
          entities: (node) => ({
            ...node,
            lookups: node.lookups.map((lookup) => ({
              ...lookup,
              selection: kept(lookup.selection, '', viewOf(world, node.subgraph)),
            })),
          }),
        }),
})

/** Without fragments on types that an object of this type cannot be; the same set where there are none. */
const kept = (set: SelectionSetNode, type: string, view: SubgraphView): SelectionSetNode => {
  const selections = set.selections.flatMap((one) => keptOne(one, type, view))
  const isSame =
    selections.length === set.selections.length &&
    selections.every((one, index) => one === set.selections[index])
  if (isSame) return set
  return selectionSet(selections.length === 0 ? [TYPENAME] : selections)
}

const keptOne = (one: SelectionNode, type: string, view: SubgraphView): SelectionNode[] => {
  if (one.kind === Kind.FRAGMENT_SPREAD || one.selectionSet === undefined) return [one]
  const isField = one.kind === Kind.FIELD
  const on = isField ? namedIn(one.name.value, type, view) : (one.typeCondition?.name.value ?? type)
  if (!isField && isApart(on, type, view)) return []
  const inner = kept(one.selectionSet, on, view)
  return [inner === one.selectionSet ? one : { ...one, selectionSet: inner }]
}

const namedIn = (field: string, type: string, { types }: SubgraphView): string =>
  types.get(type)?.fields.get(field)?.named ?? ''

const isApart = (one: string, other: string, { types }: SubgraphView): boolean => {
  const [ones, others] = [types.get(one)?.possible, types.get(other)?.possible]
  return ones !== undefined && others !== undefined && !ones.some((type) => others.includes(type))
}
