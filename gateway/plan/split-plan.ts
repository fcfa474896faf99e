import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { DeferredFragment, SplitSelection } from './deferred-fragments.ts'
import { protectedCoordinates } from './protected-coordinates.ts'
import type { EntityFetchNode, Lookup, Path, PlanNode, QueryPlan, Requirement } from './query-plan.ts'
import { dataKey } from './response-keys.ts'
import { verify } from './verify.ts'
import { viewOf, type World } from './world.ts'

/** A lookup whose values are there already, with what the deferred parts show of them. */
export interface JudgedAgain {
  readonly subgraph: string
  readonly lookup: Lookup
}

export interface SplitPlan {
  readonly initial: QueryPlan
  /** What only deferred parts show or need. */
  readonly deferred: QueryPlan
  readonly again: readonly JudgedAgain[]
}

/**
 * One plan for the whole operation, taken apart by what is shown when. What one subgraph answers by root fields is fetched
 * first whole; of the lookups, a field waits when only deferred parts show it, or when only what waits needs it as input.
 * Where it cannot be told, it does not wait.
 */
export const splitPlan = (plan: QueryPlan, { rest, deferred }: SplitSelection, world: World): SplitPlan => {
  const shownLater = createTree()
  for (const fragment of deferred) enterFragment(shownLater, fragment, world)
  const first = createTree()
  enterKeys(first, rest, world)
  const lookups = plan.root === null ? [] : lookupsOf(plan.root)
  const inputs = createTree()
  for (const lookup of lookups) enterNeeds(inputs, lookup)
  const waits: Waits = (path, key) =>
    key !== '__typename' && !has(first, path, key) && (has(shownLater, path, key) || has(inputs, path, key))
  const scene = { waits, tellsTypes: (lookup: Lookup) => tellsTypes(lookup, world) }
  settle(lookups, first, scene)
  const initial = restrict(plan, (lookup) => keptNow(lookup, scene), { world, withRoots: true })
  const later = restrict(plan, (lookup) => kept(lookup, waits), { world, withRoots: false })
  return {
    initial: world.protection.protections.size === 0 ? initial : verify(initial, world),
    deferred: world.protection.protections.size === 0 ? later : verify(later, world),
    again: judgedAgain(initial.root, (path, key) => has(shownLater, path, key), world),
  }
}

type Waits = (path: Path, key: string) => boolean

interface Scene {
  readonly waits: Waits
  readonly tellsTypes: (lookup: Lookup) => boolean
}

/** Response keys below one another; types are not told apart, so that a key may stand for more than it does, never for less. */
interface KeyTree {
  readonly below: Map<string, KeyTree>
}

const createTree = (): KeyTree => ({ below: new Map() })

const at = (tree: KeyTree, key: string): KeyTree => {
  const known = tree.below.get(key) ?? createTree()
  tree.below.set(key, known)
  return known
}

const enterKeys = (tree: KeyTree, { selections }: SelectionSetNode, world: World): void => {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) enterKeys(tree, selection.selectionSet, world)
    if (selection.kind !== Kind.FIELD) continue
    const below = at(tree, dataKey(selection, world))
    if (selection.selectionSet !== undefined) enterKeys(below, selection.selectionSet, world)
  }
}

const enterFragment = (tree: KeyTree, { steps, selection }: DeferredFragment, world: World): void => {
  let node = tree
  for (const { field } of steps) node = at(node, dataKey(field, world))
  enterKeys(node, selection, world)
}

const fieldsOf = (path: Path): string[] =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [segment.field] : []))

const has = (tree: KeyTree, path: Path, key: string): boolean => {
  let node: KeyTree | undefined = tree
  for (const field of [...fieldsOf(path), key]) {
    node = node.below.get(field)
    if (node === undefined) return false
  }
  return true
}

/** What is sent of an object, what says whose it is, and the way to it. */
const enterNeeds = (tree: KeyTree, { paths, requires, guards }: Lookup): void => {
  for (const path of paths) {
    let node = tree
    for (const field of fieldsOf(path)) node = at(node, field)
    enterRequired(node, requires)
    for (const { subject } of guards.values()) {
      let key = node
      for (const field of subject) key = at(key, field)
    }
  }
}

const enterRequired = (tree: KeyTree, requires: readonly Requirement[]): void => {
  for (const one of requires) {
    if (one.kind === 'type') enterRequired(tree, one.children)
    else enterRequired(at(tree, one.source), one.children ?? [])
  }
}

/** What a lookup of the first answer needs is fetched for the first answer, and so on backwards. */
const settle = (lookups: readonly Lookup[], first: KeyTree, scene: Scene): void => {
  const entered = new Set<Lookup>()
  for (let isSettled = false; !isSettled;) {
    isSettled = true
    for (const lookup of lookups) {
      if (entered.has(lookup) || keptNow(lookup, scene) === null) continue
      entered.add(lookup)
      enterNeeds(first, lookup)
      isSettled = false
    }
  }
}

const lookupsOf = (node: PlanNode): readonly Lookup[] => {
  if (node.kind === 'EntityFetch') return node.lookups
  if (node.kind === 'Fetch') return []
  return node.nodes.flatMap(lookupsOf)
}

/** What does not wait. A type that only a lookup tells decides what the first answer is made of. */
const keptNow = (lookup: Lookup, { waits, tellsTypes: tells }: Scene): Lookup | null => {
  const now = kept(lookup, (path, key) => !waits(path, key))
  if (now !== null || !tells(lookup)) return now
  return { ...lookup, selection: pick(lookup.selection, ({ name }) => name.value === '__typename') }
}

/** Asked for nothing but types, or of objects that say an interface's name (interface objects). */
const tellsTypes = ({ selection, requires }: Lookup, world: World): boolean =>
  !hasFields(selection) ||
  requires.some((one) => one.kind === 'type' && world.supergraph.types.get(one.type)?.kind !== 'object')

type Keep = (lookup: Lookup) => Lookup | null

interface Restricting {
  readonly world: World
  readonly withRoots: boolean
}

const restrict = (plan: QueryPlan, keep: Keep, to: Restricting): QueryPlan => ({
  root: plan.root === null ? null : restrictNode(plan.root, keep, to),
})

const restrictNode = (node: PlanNode, keep: Keep, to: Restricting): PlanNode | null => {
  switch (node.kind) {
    case 'Fetch':
      return to.withRoots ? node : null
    case 'EntityFetch':
      return restrictLookups(node, keep, to.world)
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.flatMap((child) => restrictNode(child, keep, to) ?? [])
      return nodes.length === 0 ? null : { kind: node.kind, nodes }
    }
  }
}

const restrictLookups = (node: EntityFetchNode, keep: Keep, world: World): EntityFetchNode | null => {
  const lookups = node.lookups.flatMap((lookup) => {
    const restricted = keep(lookup)
    return restricted === null ? [] : [guardedAsAsked(restricted, node.subgraph, world)]
  })
  return lookups.length === 0 ? null : { ...node, lookups }
}

/** Only what is still asked is decided about, and only that is on record. */
const guardedAsAsked = (lookup: Lookup, subgraph: string, world: World): Lookup => {
  if (lookup.guards.size === 0) return lookup
  const scene = { world, view: viewOf(world, subgraph) }
  const guards = [...lookup.guards].map(([type, guard]) => {
    const coordinates = protectedCoordinates(lookup.selection, type, scene)
    return [type, { ...guard, coordinates }] as const
  })
  return { ...lookup, guards: new Map(guards) }
}

/** The lookup with the fields that are wanted at one of its places; null when it has none of its own left. */
const kept = (lookup: Lookup, wanted: Waits): Lookup | null => {
  const isWanted = (field: FieldNode): boolean =>
    field.name.value === '__typename' ||
    lookup.paths.some((path) => wanted(path, field.alias?.value ?? field.name.value))
  const selection = pick(lookup.selection, isWanted)
  return hasFields(selection) ? { ...lookup, selection } : null
}

const pick = (set: SelectionSetNode, isWanted: (field: FieldNode) => boolean): SelectionSetNode => ({
  ...set,
  selections: set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isWanted(selection) ? [selection] : []
    if (selection.kind !== Kind.INLINE_FRAGMENT) return []
    const selectionSet = pick(selection.selectionSet, isWanted)
    return selectionSet.selections.length > 0 ? [{ ...selection, selectionSet }] : []
  }),
})

const hasFields = ({ selections }: SelectionSetNode): boolean =>
  selections.some((selection) =>
    selection.kind === Kind.FIELD
      ? selection.name.value !== '__typename'
      : selection.kind === Kind.INLINE_FRAGMENT && hasFields(selection.selectionSet),
  )

const judgedAgain = (node: PlanNode | null, isShown: Waits, world: World): JudgedAgain[] => {
  if (node === null || node.kind === 'Fetch') return []
  if (node.kind !== 'EntityFetch') return node.nodes.flatMap((child) => judgedAgain(child, isShown, world))
  return node.lookups.flatMap((lookup) => {
    const shown = lookup.guards.size === 0 ? null : kept(lookup, isShown)
    if (shown === null) return []
    return [{ subgraph: node.subgraph, lookup: guardedAsAsked(shown, node.subgraph, world) }]
  })
}
