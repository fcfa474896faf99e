import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import { isPromise } from './await-all.ts'
import { completeItems } from './complete-items.ts'
import type { Complete, Path, Place, Run, Selection, SelectionsOf } from './compiled-operation.ts'
import { resolveFields } from './resolve-fields.ts'
import { resolveInfo } from './resolve-info.ts'

/** How a value of each type is completed (specification, "Value completion"). */
export const completionsIn = (
  schema: GraphQLSchema,
  selectionsOf: SelectionsOf,
): ((place: Place) => Complete) => {
  const completeAs = (type: GraphQLOutputType, place: Place): Complete => {
    if (isNonNullType(type)) return requiring(completeAs(type.ofType, place), place)
    if (isListType(type)) return unlessNull(listOf(type, place))
    if (isLeafType(type)) return unlessNull(leafOf(type))
    const selectionOf = remembering(place.nodes, selectionsOf)
    if (isObjectType(type))
      return unlessNull((run, value, path) => resolveFields(run, selectionOf(type), { source: value, path }))
    return unlessNull(abstractOf(schema, type, { place, selectionOf }))
  }
  const listOf = (type: GraphQLList<GraphQLOutputType>, place: Place): Complete => {
    const { parentType, definition, nodes } = place
    const item = { type: type.ofType, complete: completeAs(type.ofType, place), nodes }
    return (run, value, path) => {
      if (!isIterable(value))
        throw new GraphQLError(
          `Expected Iterable, but did not find one for field "${parentType.name}.${definition.name}".`,
        )
      return completeItems(run, item, { items: value, path })
    }
  }
  return (place) => completeAs(place.definition.type, place)
}

/** An error that was returned is one that was thrown. */
const unlessNull =
  (complete: Complete): Complete =>
  (run, value, path) => {
    if (value === null || value === undefined) return null
    if (value instanceof Error) throw value
    return complete(run, value, path)
  }

const requiring = (complete: Complete, { parentType, definition }: Place): Complete => {
  const orThrow = (completed: unknown): unknown => {
    if (completed !== null) return completed
    throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`)
  }
  return (run, value, path) => {
    const completed = complete(run, value, path)
    return isPromise(completed) ? completed.then(orThrow) : orThrow(completed)
  }
}

const leafOf =
  (type: GraphQLLeafType): Complete =>
  (_run, value) => {
    const serialized: unknown = type.serialize(value)
    if (serialized === null || serialized === undefined)
      throw new Error(`A value of type "${type.name}" was serialized as nothing.`)
    return serialized
  }

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

type SelectionOf = (type: GraphQLObjectType) => Selection

/** What is asked at one place is collected once for each type that is met there. */
const remembering = (nodes: readonly FieldNode[], selectionsOf: SelectionsOf): SelectionOf => {
  const sets = nodes.flatMap(({ selectionSet }): readonly SelectionSetNode[] =>
    selectionSet ? [selectionSet] : [],
  )
  const known = new Map<GraphQLObjectType, Selection>()
  return (type) => {
    const collected = known.get(type) ?? selectionsOf(sets, type)
    known.set(type, collected)
    return collected
  }
}

interface Abstract {
  readonly place: Place
  readonly selectionOf: SelectionOf
}

const abstractOf = (
  schema: GraphQLSchema,
  type: GraphQLAbstractType,
  { place, selectionOf }: Abstract,
): Complete => {
  const resolveType = type.resolveType ?? defaultTypeResolver
  return (run, value, path) => {
    const completeAs = (name: unknown): unknown => {
      const met = metType(schema, type, name)
      return resolveFields(run, selectionOf(met), { source: value, path })
    }
    const named = resolveType(value, run.context, infoAt(run, place, path), type)
    return isPromise(named) ? named.then(completeAs) : completeAs(named)
  }
}

/** What a type is told by hears of the field, even where the value is an item of a list. */
const infoAt = (run: Run, place: Place, path: Path): GraphQLResolveInfo => {
  let field = path
  while (field.typename === undefined && field.prev !== undefined) field = field.prev
  return resolveInfo(run, place, field)
}

const metType = (schema: GraphQLSchema, type: GraphQLAbstractType, name: unknown): GraphQLObjectType => {
  const met = typeof name === 'string' ? schema.getType(name) : undefined
  if (!isObjectType(met) || !schema.isSubType(type, met))
    throw new GraphQLError(`A value of the abstract type "${type.name}" is of none of its types.`)
  return met
}
