import { Kind, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'
import type { EntityFetchNode, FetchNode, Lookup, PlanNode, QueryPlan } from './query-plan.ts'
import {
  admits,
  childType,
  isProtected,
  isSubject,
  possibleIn,
  rootType,
  viewOf,
  type World,
} from './world.ts'

/**
 * Proves on the finished plan that no operation selects a protected coordinate anywhere but directly under its own
 * guarded representations (design, "Cut"). It shares no code with the cut: a bug in the cut is an error, never a leak.
 */
export const verify = (plan: QueryPlan, world: World): QueryPlan => {
  if (plan.root !== null) verifyNode(plan.root, world)
  return plan
}

const verifyNode = (node: PlanNode, world: World): void => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.forEach((child) => verifyNode(child, world))
    case 'Fetch':
      return verifyFetch(node, world)
    case 'EntityFetch':
      return node.lookups.forEach((lookup) => verifyLookup(node, lookup, world))
  }
}

const verifyFetch = (node: FetchNode, world: World): void => {
  const root = rootType(world, node.operation)
  walk(node.selection, {
    world,
    subgraph: node.subgraph,
    on: root,
    possible: [root],
    isTop: true,
    mayHold: never,
  })
}

/** Top-level fragments of a lookup: what they select of a person must be listed in the guard of every type that can come here. */
const verifyLookup = (node: EntityFetchNode, lookup: Lookup, world: World): void => {
  for (const fragment of lookup.selection.selections) {
    const on = fragment.kind === Kind.INLINE_FRAGMENT ? fragment.typeCondition?.name.value : undefined
    if (on === undefined || fragment.kind !== Kind.INLINE_FRAGMENT) throw unfenced(node.subgraph)
    for (const top of topsOf(node, lookup, on, world))
      walk(fragment.selectionSet, {
        world,
        subgraph: node.subgraph,
        on,
        possible: [top],
        isTop: true,
        mayHold: (coordinate) => lookup.guards.get(top)?.coordinates.includes(coordinate) ?? false,
      })
  }
}

/** Types whose objects the fence lets through here: named by a representation, and concrete, or an interface object's name. */
const topsOf = (node: EntityFetchNode, lookup: Lookup, on: string, world: World): string[] => {
  const types = [...new Set([on, ...(world.supergraph.types.get(on)?.possible ?? [])])]
  const isKnown = (type: string) =>
    world.supergraph.types.get(type)?.kind === 'object' ||
    viewOf(world, node.subgraph).types.get(type)?.isInterfaceObject === true
  return types.filter(
    (type) =>
      isKnown(type) && lookup.requires.some((one) => one.kind === 'field' || admits(world, one.type, type)),
  )
}

interface Standing {
  readonly world: World
  readonly subgraph: string
  /** The static type, whose fields the subgraph's schema names. */
  readonly on: string
  /** Concrete types a value can have here. */
  readonly possible: readonly string[]
  /** True on the objects the representations name, before any field was followed. */
  readonly isTop: boolean
  /** Whether the guard that reaches down to here decides this coordinate. */
  readonly mayHold: (coordinate: string) => boolean
}

const walk = (set: SelectionSetNode, at: Standing): void => {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw unfenced(at.on)
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? at.on
      walk(selection.selectionSet, { ...at, on, possible: narrowed(at, on) })
    } else if (selection.name.value !== '__typename') {
      for (const type of at.possible) checkField(at, type, selection.name.value)
      if (selection.selectionSet !== undefined) walk(selection.selectionSet, below(at, selection.name.value))
    }
  }
}

const below = (at: Standing, field: string): Standing => {
  const view = viewOf(at.world, at.subgraph)
  const on = childType(view, at.on, field)
  const possible = possibleIn(view, on ?? '')
  if (on === null || possible.length === 0) throw unfenced(`${at.on}.${field}`)
  return { ...at, on, possible, isTop: false, mayHold: heldBelow(at, possible) }
}

/** With several possible types one selection cannot be pruned for one of them alone. */
const checkField = (at: Standing, type: string, field: string): void => {
  if (!isProtected(at.world, type, field)) return
  if (at.possible.length > 1 || !at.mayHold(`${type}.${field}`)) throw unfenced(`${type}.${field}`)
}

/** The guard reaches through value types and ends where another person begins. */
const heldBelow = (at: Standing, possible: readonly string[]): Standing['mayHold'] => {
  if (!at.isTop && at.possible.some((type) => isSubject(at.world, type))) return never
  const people = new Set(possible.filter((type) => isSubject(at.world, type)))
  return (coordinate) => !people.has(coordinate.slice(0, coordinate.indexOf('.'))) && at.mayHold(coordinate)
}

const never = (): boolean => false

const narrowed = (at: Standing, on: string): readonly string[] => {
  const condition = new Set([
    on,
    ...possibleIn(viewOf(at.world, at.subgraph), on),
    ...(at.world.supergraph.types.get(on)?.possible ?? []),
  ])
  return at.possible.filter((type) => condition.has(type))
}

const unfenced = (coordinate: string): AssentError => new AssentError('PLAN_UNFENCED', coordinate)
