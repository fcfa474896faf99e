import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { LoadedWorld } from './load-world.ts'
import { hasMovedAway } from './moved-fields.ts'
import { refuseExpanded } from './refuse-expanded.ts'
import { selectionSet } from './query-plan.ts'

/**
 * Through an interface the planner asks for a computed field as if it were computed from nothing, and a subgraph that is
 * handed no input may answer all the same; and a field that has moved to another subgraph (`@override`) it asks of the one that
 * had it before. So a field that any type behind the interface computes, or has from elsewhere, is asked of each type.
 */
export const askByType = (set: SelectionSetNode, root: string, world: LoadedWorld): SelectionSetNode => {
  if (!differsBehindInterfaces(world)) return set
  const asked = typed(set, root, { world, known: new Map() })
  refuseExpanded(asked)
  return asked
}

const differsBehindInterfaces = (world: LoadedWorld): boolean =>
  [...world.supergraph.types.values()].some(
    ({ kind, name, fields, possible }) =>
      kind === 'interface' &&
      [...fields.keys()].some((field) =>
        possible.some((type) => isOfItsOwn(field, type, { of: name, world })),
      ),
  )

interface Behind {
  /** The interface. */
  readonly of: string
  readonly world: LoadedWorld
}

/** A type computes the field, or a subgraph that has it of the interface has it no longer of the type. */
const isOfItsOwn = (field: string, type: string, { of, world }: Behind): boolean => {
  const { types, subgraphs } = world.supergraph
  if ((types.get(type)?.fields.get(field)?.requires.size ?? 0) > 0) return true
  return [...subgraphs.values()].some((view) => hasMovedAway({ type, field, of }, view, world.supergraph))
}

interface Typing {
  readonly world: LoadedWorld
  /** What was worked out already, by the type it stands on: the same selection below several types is one. */
  readonly known: Map<SelectionSetNode, Map<string, SelectionSetNode>>
}

const typed = (set: SelectionSetNode, type: string, typing: Typing): SelectionSetNode => {
  const byType = typing.known.get(set) ?? new Map<string, SelectionSetNode>()
  typing.known.set(set, byType)
  const known = byType.get(type)
  if (known !== undefined) return known
  const found = selectionSet(set.selections.flatMap((one) => typedSelection(one, type, typing)))
  byType.set(type, found)
  return found
}

const typedSelection = (one: SelectionNode, type: string, typing: Typing): SelectionNode[] => {
  if (one.kind === Kind.FRAGMENT_SPREAD) return [one]
  if (one.kind === Kind.INLINE_FRAGMENT) {
    const on = one.typeCondition?.name.value ?? type
    return [{ ...one, selectionSet: typed(one.selectionSet, on, typing) }]
  }
  const types = eachType(one, type, typing.world)
  if (types === null) return [typedField(one, type, typing)]
  return types.map((name): SelectionNode => ({
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
    selectionSet: selectionSet([typedField(one, name, typing)]),
  }))
}

const typedField = (field: FieldNode, type: string, typing: Typing): FieldNode => {
  const named = typing.world.supergraph.types.get(type)?.fields.get(field.name.value)?.named ?? ''
  return field.selectionSet === undefined
    ? field
    : { ...field, selectionSet: typed(field.selectionSet, named, typing) }
}

/** All types behind an interface that clients see, where one of them has the field in its own way. */
const eachType = (field: FieldNode, type: string, world: LoadedWorld): readonly string[] | null => {
  const { types } = world.supergraph
  const known = types.get(type)
  if (known?.kind !== 'interface') return null
  if (!known.possible.some((name) => isOfItsOwn(field.name.value, name, { of: type, world }))) return null
  return known.possible.filter((name) => world.apiSchema.getType(name) !== undefined)
}
