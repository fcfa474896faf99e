import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { LoadedWorld } from './load-world.ts'
import { refuseExpanded } from './refuse-expanded.ts'
import { selectionSet } from './query-plan.ts'

/**
 * Through an interface the planner asks for a computed field as if it were computed from nothing, and a subgraph that is
 * handed no input may answer all the same. So a field that any type behind the interface computes is asked of each type.
 */
export const askByType = (set: SelectionSetNode, root: string, world: LoadedWorld): SelectionSetNode => {
  if (!computesBehindInterfaces(world)) return set
  const asked = typed(set, root, { world, known: new Map() })
  refuseExpanded(asked)
  return asked
}

const computesBehindInterfaces = ({ supergraph }: LoadedWorld): boolean =>
  [...supergraph.types.values()].some(
    ({ kind, interfaces, fields }) =>
      kind === 'object' &&
      interfaces.length > 0 &&
      [...fields.values()].some(({ requires }) => requires.size > 0),
  )

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
  const types = computing(one, type, typing.world)
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

/** All types behind an interface that clients see, where one of them computes the field. */
const computing = (field: FieldNode, type: string, world: LoadedWorld): readonly string[] | null => {
  const { types } = world.supergraph
  const known = types.get(type)
  if (known?.kind !== 'interface') return null
  const isComputed = (name: string): boolean =>
    (types.get(name)?.fields.get(field.name.value)?.requires.size ?? 0) > 0
  if (!known.possible.some(isComputed)) return null
  return known.possible.filter((name) => world.apiSchema.getType(name) !== undefined)
}
