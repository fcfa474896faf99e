import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { cutSelection, type CutResult, type Moved } from './cut-selection.ts'
import { guardLookup, lookupOf } from './guard-lookup.ts'
import {
  type EntityFetchNode,
  type FetchNode,
  type Lookup,
  type PlanNode,
  type QueryPlan,
  selectionSet,
  sequence,
} from './query-plan.ts'
import { rootType, viewOf, type World } from './world.ts'

/**
 * The planner knows nothing of people. After planning, each operation is cut so that nothing protected is asked for
 * except through `_entities` representations of a known person (design, "Cut"):
 * what is protected is taken out, a key is put in, and an EntityFetch to the same subgraph follows directly behind.
 */
export const cut = (plan: QueryPlan, world: World): QueryPlan => ({
  root: plan.root === null ? null : cutNode(plan.root, world),
})

const cutNode = (node: PlanNode, world: World): PlanNode => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => cutNode(child, world)) }
    case 'Condition':
      return {
        ...node,
        then: node.then === null ? null : cutNode(node.then, world),
        otherwise: node.otherwise === null ? null : cutNode(node.otherwise, world),
      }
    case 'Fetch':
      return node.operation === 'mutation' ? cutMutation(node, world) : cutFetch(node, world)
    case 'EntityFetch':
      return cutEntityFetch(node, world)
  }
}

const cutFetch = (node: FetchNode, world: World): PlanNode => {
  const result = cutRoot(node, world)
  return sequence([
    { ...node, selection: result.selection, outputRewrites: [...node.outputRewrites, ...result.rewrites] },
    ...followers(node, result.moved, world),
  ])
}

const cutRoot = (node: FetchNode, world: World): CutResult =>
  cutSelection(node.selection, {
    world,
    view: viewOf(world, node.subgraph),
    type: rootType(world, node.operation),
    paths: [node.path],
  })

/** What was taken out of one mutation must be fetched before the next one runs, so each root field gets its own request. */
const cutMutation = (node: FetchNode, world: World): PlanNode => {
  if (cutRoot(node, world).moved.length === 0) return cutFetch(node, world)
  return sequence(
    rootFields(node.selection).map((field) => cutFetch({ ...node, selection: selectionSet([field]) }, world)),
  )
}

const rootFields = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    return selection.kind === Kind.INLINE_FRAGMENT ? rootFields(selection.selectionSet) : []
  })

const cutEntityFetch = (node: EntityFetchNode, world: World): PlanNode => {
  const guarded = node.lookups.map((lookup) => guardLookup(lookup, node.subgraph, world))
  const first = guarded.flatMap((result) => result.subjectsFirst)
  const lookups = guarded.map((result) => result.lookup)
  const moved = guarded.flatMap((result) => result.moved)
  return sequence([
    ...(first.length > 0 ? [{ ...node, lookups: first }] : []),
    { ...node, lookups },
    ...followers(node, moved, world),
  ])
}

/** One EntityFetch a level: a protected field that returns people is cut again inside, and waits for its own people. */
const followers = (
  origin: FetchNode | EntityFetchNode,
  moved: readonly Moved[],
  world: World,
): PlanNode[] => {
  if (moved.length === 0) return []
  const guarded = moved.map((one) => guardLookup(lookupOf(one), origin.subgraph, world))
  const lookups: Lookup[] = guarded.map((result) => result.lookup)
  const fetch: EntityFetchNode = {
    kind: 'EntityFetch',
    subgraph: origin.subgraph,
    variables: origin.variables,
    lookups,
  }
  return [
    fetch,
    ...followers(
      origin,
      guarded.flatMap((result) => result.moved),
      world,
    ),
  ]
}
