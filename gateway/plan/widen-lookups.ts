import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { parseFieldSet, topLevelNames } from '../../schema/field-set.ts'
import { mapLookups } from './map-fetches.ts'
import { type Lookup, type Path, type QueryPlan, type Requirement, selectionSet } from './query-plan.ts'
import { admits, viewOf, type World } from './world.ts'

/**
 * What fragments on several types ask of an interface object is one lookup to the planner, but it goes on to say that
 * only objects of the last type are looked up. So every type is let in of which the client asks a field selected there.
 */
export const widenLookups = (plan: QueryPlan, asked: SelectionSetNode, world: World): QueryPlan =>
  mapLookups(plan, (lookup, subgraph) => widened(lookup, { asked, world, subgraph }))

interface Widening {
  readonly asked: SelectionSetNode
  readonly world: World
  readonly subgraph: string
}

/** The lookup itself, and one more for each other type, of what is asked of it. */
const widened = (lookup: Lookup, at: Widening): Lookup[] => {
  const objects = interfaceObjects(lookup, at)
  const [only, ...others] = lookup.requires
  if (objects.length === 0 || only?.kind !== 'type' || others.length > 0) return [lookup]
  const types = objects
    .flatMap((name) => at.world.supergraph.types.get(name)?.possible ?? [])
    .filter((type) => !admits(at.world, only.type, type))
  const more = [...new Set(types)].flatMap((type): Lookup[] => {
    const selection = picked(lookup.selection, keysAsked(type, lookup.paths, at))
    const requires: Requirement[] = [{ ...only, type }]
    return topKeys(selection).length === 0 ? [] : [{ ...lookup, selection, requires }]
  })
  return [lookup, ...more]
}

const interfaceObjects = ({ selection }: Lookup, { world, subgraph }: Widening): string[] =>
  selection.selections.flatMap((one) => {
    const name = one.kind === Kind.INLINE_FRAGMENT ? (one.typeCondition?.name.value ?? '') : ''
    return viewOf(world, subgraph).types.get(name)?.isInterfaceObject === true ? [name] : []
  })

const topKeys = (set: SelectionSetNode): string[] =>
  set.selections.flatMap((one) => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    if (one.kind === Kind.INLINE_FRAGMENT) return topKeys(one.selectionSet)
    return one.name.value === '__typename' ? [] : [one.alias?.value ?? one.name.value]
  })

const keysAsked = (type: string, paths: readonly Path[], at: Widening): ReadonlySet<string> =>
  new Set(
    paths.flatMap((path) => setsAt(at.asked, path, at.world)).flatMap((set) => askedOf(set, type, at.world)),
  )

const picked = (set: SelectionSetNode, keys: ReadonlySet<string>): SelectionSetNode =>
  selectionSet(
    set.selections.flatMap((one): SelectionNode[] => {
      if (one.kind === Kind.FRAGMENT_SPREAD) return []
      if (one.kind === Kind.FIELD)
        return one.name.value === '__typename' || keys.has(one.alias?.value ?? one.name.value) ? [one] : []
      const inner = picked(one.selectionSet, keys)
      return inner.selections.length === 0 ? [] : [{ ...one, selectionSet: inner }]
    }),
  )

/** The client's selections at a path. */
const setsAt = (set: SelectionSetNode, path: Path, world: World): SelectionSetNode[] => {
  let sets: SelectionSetNode[] = [set]
  let types: readonly string[] | null = null
  for (const segment of path) {
    if (segment === 'item') continue
    if ('types' in segment) types = segment.types
    else {
      sets = sets.flatMap((one) => fieldSets(one, segment.field, types, world))
      types = null
    }
  }
  return sets
}

// eslint-disable-next-line max-params -- one walk
const fieldSets = (
  set: SelectionSetNode,
  key: string,
  types: readonly string[] | null,
  world: World,
): SelectionSetNode[] =>
  set.selections.flatMap((one): SelectionSetNode[] => {
    if (one.kind === Kind.FRAGMENT_SPREAD || one.selectionSet === undefined) return []
    if (one.kind === Kind.FIELD) return (one.alias?.value ?? one.name.value) === key ? [one.selectionSet] : []
    const on = one.typeCondition?.name.value
    const applies =
      types === null || types.some((type) => admits(world, on, type) || admits(world, type, on ?? type))
    return applies ? fieldSets(one.selectionSet, key, types, world) : []
  })

/** Keys that are asked of one concrete type, and names of what these are computed from. */
const askedOf = (set: SelectionSetNode, type: string, world: World): string[] =>
  set.selections.flatMap((one): string[] => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    if (one.kind === Kind.INLINE_FRAGMENT)
      return admits(world, one.typeCondition?.name.value, type) ? askedOf(one.selectionSet, type, world) : []
    return [one.alias?.value ?? one.name.value, ...inputsOf(one.name.value, type, world, new Set())]
  })

// eslint-disable-next-line max-params -- one walk
const inputsOf = (field: string, type: string, world: World, seen: Set<string>): string[] => {
  if (seen.has(field)) return []
  seen.add(field)
  const owners = [type, ...(world.supergraph.types.get(type)?.interfaces ?? [])]
  const names = owners.flatMap((owner) =>
    [...(world.supergraph.types.get(owner)?.fields.get(field)?.requires.values() ?? [])].flatMap((text) =>
      topLevelNames(parseFieldSet(text)),
    ),
  )
  return names.flatMap((name) => [name, ...inputsOf(name, type, world, seen)])
}
