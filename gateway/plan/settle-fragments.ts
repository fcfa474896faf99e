import {
  getNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { selectionSet, TYPENAME } from './query-plan.ts'

/**
 * The same selection with every fragment on a concrete type, or on none: what a fragment on an abstract type inside
 * another one comes to is worked out here, because the planner does not always find it.
 */
export const settleFragments = (
  set: SelectionSetNode,
  type: string,
  schema: GraphQLSchema,
): SelectionSetNode => settle(set, { type, possible: possibleTypes(type, schema), schema })

interface Place {
  readonly type: string
  /** Concrete types that a value can still have here. */
  readonly possible: readonly string[]
  readonly schema: GraphQLSchema
}

const settle = (set: SelectionSetNode, place: Place): SelectionSetNode =>
  selectionSet(set.selections.flatMap((selection) => settleSelection(selection, place)))

const settleSelection = (selection: SelectionNode, place: Place): SelectionNode[] => {
  if (selection.kind === Kind.INLINE_FRAGMENT) return settleFragment(selection, place)
  if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) return [selection]
  const owner = place.schema.getType(place.type)
  const field =
    owner !== undefined && 'getFields' in owner ? owner.getFields()[selection.name.value] : undefined
  if (field === undefined) return [selection]
  const child = getNamedType(field.type).name
  const inner = settleFragments(selection.selectionSet, child, place.schema)
  return [{ ...selection, selectionSet: inner.selections.length > 0 ? inner : selectionSet([TYPENAME]) }]
}

const settleFragment = (fragment: InlineFragmentNode, place: Place): SelectionNode[] => {
  const condition = fragment.typeCondition?.name.value ?? place.type
  const wanted = new Set(possibleTypes(condition, place.schema))
  const possible = place.possible.filter((type) => wanted.has(type))
  if (condition === place.type || isObjectType(place.schema.getType(place.type)))
    return possible.length === 0 ? [] : [...settle(fragment.selectionSet, place).selections]
  return possible.flatMap((type) =>
    wrapped(type, settle(fragment.selectionSet, { ...place, type, possible: [type] })),
  )
}

const wrapped = (type: string, inner: SelectionSetNode): SelectionNode[] =>
  inner.selections.length === 0
    ? []
    : [
        {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
          selectionSet: inner,
        },
      ]

const possibleTypes = (name: string, schema: GraphQLSchema): readonly string[] => {
  const type = schema.getType(name)
  if (!isCompositeType(type)) return []
  return isAbstractType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [name]
}
