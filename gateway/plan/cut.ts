import { type FieldNode, Kind, print, type SelectionSetNode } from 'graphql'
import { dependsOn } from './depends-on.ts'
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
      return sequence(cutSequence(node.nodes, world))
    case 'Parallel':
      return { kind: 'Parallel', nodes: node.nodes.map((child) => cutNode(child, world)) }
    case 'Fetch':
    case 'EntityFetch':
      return sequence(cutFetch(node, world).flat())
  }
}

/**
 * What was taken out of one step is asked for beside the steps after it, where these do not need it: then all people of
 * a wave are one consent question, and nobody waits twice.
 */
const cutSequence = ([first, ...others]: readonly PlanNode[], world: World): PlanNode[] => {
  if (first === undefined) return []
  const rest = cutSequence(others, world)
  if (first.kind !== 'Fetch' && first.kind !== 'EntityFetch') return [cutNode(first, world), ...rest]
  const [steps, followers] = cutFetch(first, world)
  if (followers.length === 0 || rest.length === 0 || isMutation(first) || dependsOn(rest, followers))
    return [...steps, ...followers, ...rest]
  return [...steps, { kind: 'Parallel', nodes: [sequence(followers), sequence(rest)] }]
}

const isMutation = (node: PlanNode): boolean => node.kind === 'Fetch' && node.operation === 'mutation'

/** The step itself, in the order it must run, and what follows from the cut. */
type Cut = readonly [steps: readonly PlanNode[], followers: readonly PlanNode[]]

const cutFetch = (node: FetchNode | EntityFetchNode, world: World): Cut => {
  if (node.kind === 'EntityFetch') return cutEntityFetch(node, world)
  return isMutation(node) ? cutMutation(node, world) : cutQuery(node, world)
}

const cutQuery = (node: FetchNode, world: World): Cut => {
  const result = cutRoot(node, world)
  const outputRewrites = [...node.outputRewrites, ...result.rewrites]
  return [[{ ...node, selection: result.selection, outputRewrites }], followers(node, result.moved, world)]
}

const cutRoot = (node: FetchNode, world: World): CutResult =>
  cutSelection(node.selection, {
    world,
    view: viewOf(world, node.subgraph),
    type: rootType(world, node.operation),
    paths: [node.path],
    rewrites: node.outputRewrites,
  })

/** What was taken out of one mutation must be fetched before the next one runs, so each root field gets its own request. */
const cutMutation = (node: FetchNode, world: World): Cut => {
  if (cutRoot(node, world).moved.length === 0) return cutQuery(node, world)
  const fields = rootFields(node.selection)
  return [
    fields.flatMap((field) => cutQuery({ ...node, selection: selectionSet([field]) }, world).flat()),
    [],
  ]
}

const rootFields = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    return selection.kind === Kind.INLINE_FRAGMENT ? rootFields(selection.selectionSet) : []
  })

const cutEntityFetch = (node: EntityFetchNode, world: World): Cut => {
  const guarded = node.lookups.map((lookup) => guardLookup(lookup, node.subgraph, world))
  const first = guarded.flatMap((result) => result.subjectsFirst)
  const lookups = guarded.map((result) => result.lookup)
  const moved = guarded.flatMap((result) => result.moved)
  return [
    [...(first.length > 0 ? [{ ...node, lookups: first }] : []), { ...node, lookups }],
    followers(node, moved, world),
  ]
}

/** One EntityFetch a level: a protected field that returns people is cut again inside, and waits for its own people. */
const followers = (
  origin: FetchNode | EntityFetchNode,
  moved: readonly Moved[],
  world: World,
): PlanNode[] => {
  if (moved.length === 0) return []
  const guarded = joined(moved).map((one) => guardLookup(lookupOf(one), origin.subgraph, world))
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

/** The same selection of the same type at several places is one lookup with several paths. */
const joined = (moved: readonly Moved[]): Moved[] => {
  const known = new Map<string, Moved>()
  for (const one of moved) {
    const key = JSON.stringify([
      one.type,
      print(one.selection),
      one.identity.requires,
      one.identity.subject,
      one.rewrites,
    ])
    const same = known.get(key)
    known.set(key, same === undefined ? one : { ...same, paths: [...same.paths, ...one.paths] })
  }
  return [...known.values()]
}
