import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { inputKey } from './input-key.ts'
import { mapLookups } from './map-fetches.ts'
import type { Lookup, QueryPlan, Requirement } from './query-plan.ts'
import { dependentsIn, overlap, type Separating } from './separate-inputs.ts'
import type { World } from './world.ts'

/**
 * Behind fragments on several types of an interface object the planner leaves inputs (`@requires`) out of the
 * representation though it fetches them. What a field says that it needs is put back.
 */
export const completeInputs = (plan: QueryPlan, world: World): QueryPlan =>
  mapLookups(plan, (lookup, subgraph) => [completed(lookup, { world, subgraph })])

const completed = (lookup: Lookup, at: Separating): Lookup => {
  const dependents = dependentsIn(lookup.selection, null, at)
  if (dependents.length === 0) return lookup
  const requires = lookup.requires.map((one): Requirement => {
    if (one.kind === 'field') return one
    const inputs = dependents.filter(({ on }) => overlap(on, one.type, at.world))
    const known = namesIn(one.children)
    const missing = new Map(
      inputs
        .flatMap((dependent) => dependent.inputs.flatMap(fieldsOf))
        .filter(({ name }) => !known.has(name.value))
        .map((field) => [inputKey(field), field] as const),
    )
    return missing.size === 0
      ? one
      : { ...one, children: [...one.children, ...[...missing.values()].map(required)] }
  })
  return { ...lookup, requires }
}

const namesIn = (requires: readonly Requirement[]): Set<string> =>
  new Set(requires.flatMap((one) => (one.kind === 'field' ? [one.name] : [...namesIn(one.children)])))

/** What an input says of fragments at its own top is left to the planner. */
const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
  selections.flatMap((one) => (one.kind === Kind.FIELD ? [one] : []))

const required = (field: FieldNode): Requirement => ({
  kind: 'field',
  name: field.name.value,
  source: inputKey(field),
  children: field.selectionSet === undefined ? null : requiredIn(field.selectionSet),
})

const requiredIn = (set: SelectionSetNode): Requirement[] =>
  set.selections.flatMap((one): Requirement[] => {
    if (one.kind === Kind.FIELD) return [required(one)]
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    const children = requiredIn(one.selectionSet)
    return one.typeCondition === undefined
      ? children
      : [{ kind: 'type', type: one.typeCondition.name.value, children }]
  })
