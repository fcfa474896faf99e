import { Kind, type SelectionNode } from 'graphql'
import { mapLookups } from './map-fetches.ts'
import type { Guard, Lookup, QueryPlan } from './query-plan.ts'
import type { World } from './world.ts'

/**
 * Data minimisation (GDPR Art. 5(1)(c)): a protected value that the client did not ask for, fetched only because another
 * field `@requires` it, is fetched only for people for whom that other field is granted.
 */
export const markInputs = (
  plan: QueryPlan,
  asked: readonly SelectionNode[],
  root: string,
  world: World,
): QueryPlan => {
  const coordinates = new Set(asked.flatMap((selection) => coordinatesOf(selection, root, world)))
  return mapLookups(plan, (lookup) => [markLookup(lookup, { coordinates, world })])
}

interface Marking {
  /** Coordinates that the client's operation names, for any type they may be of. */
  readonly coordinates: ReadonlySet<string>
  readonly world: World
}

const coordinatesOf = (selection: SelectionNode, type: string, world: World): string[] => {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return []
  const known = world.supergraph.types.get(type)
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const on = selection.typeCondition?.name.value ?? type
    return selection.selectionSet.selections.flatMap((one) => coordinatesOf(one, on, world))
  }
  const name = selection.name.value
  const own = [type, ...(known?.possible ?? [])].map((owner) => `${owner}.${name}`)
  const child = known?.fields.get(name)?.named ?? ''
  const inner = (selection.selectionSet?.selections ?? []).flatMap((one) => coordinatesOf(one, child, world))
  return [...own, ...inner]
}

const markLookup = (lookup: Lookup, marking: Marking): Lookup => ({
  ...lookup,
  guards: new Map([...lookup.guards].map(([type, guard]) => [type, markGuard(guard, marking)])),
})

const markGuard = (guard: Guard, { coordinates, world }: Marking): Guard => ({
  ...guard,
  serves: new Map(
    guard.coordinates
      .filter((coordinate) => !coordinates.has(coordinate))
      .map((coordinate) => [
        coordinate,
        dependents(coordinate, world).filter((name) => coordinates.has(name)),
      ]),
  ),
})

/** Coordinates that read this one, directly or through another. */
const dependents = (coordinate: string, world: World): string[] =>
  [...world.protection.protections.values()]
    .filter(({ inputs }) => inputs.includes(coordinate))
    .map((protection) => protection.coordinate)
