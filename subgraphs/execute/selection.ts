import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import { completionsIn } from './complete.ts'
import type { AskedField, Fragments, Place, Selection, SelectionsOf } from './compiled-operation.ts'

interface World {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
}

/** Fields of one name are one field, in the order in which they were named first (specification, "Collecting fields"). */
export const selectionsOf = (world: World): SelectionsOf => {
  const selectionOf: SelectionsOf = (sets, type) => {
    const nodes = new Map<string, [FieldNode, ...FieldNode[]]>()
    const spread = new Set<string>()
    for (const set of sets) collect(world, { type, nodes, spread }, set)
    const fields = [...nodes].flatMap(([key, named]): readonly AskedField[] => {
      const [{ name }] = named
      const definition = name.value === '__typename' ? TypeNameMetaFieldDef : type.getFields()[name.value]
      if (definition === undefined) return []
      const place: Place = { parentType: type, definition, nodes: named }
      return [{ key, ...place, complete: completionOf(place) }]
    })
    return { fields, blank: blankOf(fields.map(({ key }) => key)) }
  }
  const completionOf = completionsIn(world.schema, selectionOf)
  return selectionOf
}

/** `__proto__` is a name like any other: who asks for it is answered in an object that has no prototype. */
const blankOf = (keys: readonly string[]): Selection['blank'] => {
  if (keys.includes('__proto__')) return () => Object.create(null) as Record<string, unknown>
  const nothing = Object.fromEntries(keys.map((key) => [key, undefined]))
  return () => ({ ...nothing })
}

interface Collected {
  readonly type: GraphQLObjectType
  readonly nodes: Map<string, [FieldNode, ...FieldNode[]]>
  readonly spread: Set<string>
}

const collect = (world: World, into: Collected, { selections }: SelectionSetNode): void => {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value
      const known = into.nodes.get(key)
      if (known === undefined) into.nodes.set(key, [selection])
      else known.push(selection)
      continue
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (into.spread.has(selection.name.value)) continue
      into.spread.add(selection.name.value)
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : world.fragments[selection.name.value]
    if (fragment !== undefined && isFor(world.schema, fragment.typeCondition?.name.value, into.type))
      collect(world, into, fragment.selectionSet)
  }
}

const isFor = (schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean => {
  if (condition === undefined || condition === type.name) return true
  const named = schema.getType(condition)
  return isAbstractType(named) && schema.isSubType(named, type)
}
