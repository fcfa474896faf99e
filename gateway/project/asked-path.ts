import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { ResponsePath } from '../execute/targets.ts'

/** What a client asked, and the graph that it sees. */
export interface AskedShape {
  readonly client: OperationDefinitionNode
  readonly schema: GraphQLSchema
}

/**
 * The part of a path that the client has asked for: what we fetched for ourselves is not named to it, and what a subgraph
 * says beyond the shape of the answer, a name or a number, may be anything.
 */
export const askedPath = (path: ResponsePath, { client, schema }: AskedShape): ResponsePath => {
  const root = schema.getRootType(client.operation)
  let asked: Asked = { values: root ? [{ type: root, set: client.selectionSet }] : [], lists: 0 }
  for (const [index, segment] of path.entries()) {
    const inner = typeof segment === 'number' ? itemOf(asked, segment) : fieldOf(asked, segment, schema)
    if (inner === null) return path.slice(0, index)
    asked = inner
  }
  return path
}

/** What may stand at a place: values of these types, within so many lists. */
interface Asked {
  readonly values: readonly AskedValue[]
  readonly lists: number
}

interface AskedValue {
  readonly type: GraphQLNamedType
  readonly set: SelectionSetNode
}

const itemOf = ({ values, lists }: Asked, index: number): Asked | null =>
  lists > 0 && Number.isSafeInteger(index) && index >= 0 ? { values, lists: lists - 1 } : null

const fieldOf = ({ values, lists }: Asked, key: string, schema: GraphQLSchema): Asked | null => {
  const found = lists > 0 ? [] : values.flatMap((value) => fieldsUnder(value, key, schema))
  if (found.length === 0) return null
  return {
    values: found.flatMap(({ type, set }) => (set === undefined ? [] : [{ type: getNamedType(type), set }])),
    lists: Math.max(...found.map(({ type }) => listsIn(type))),
  }
}

interface FoundField {
  readonly type: GraphQLOutputType
  readonly set: SelectionSetNode | undefined
}

/** Fields of a response key, through fragments. */
const fieldsUnder = ({ type, set }: AskedValue, key: string, schema: GraphQLSchema): FoundField[] =>
  set.selections.flatMap((selection): FoundField[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const inner = schema.getType(selection.typeCondition?.name.value ?? type.name) ?? type
      return fieldsUnder({ type: inner, set: selection.selectionSet }, key, schema)
    }
    if (selection.kind !== Kind.FIELD || (selection.alias ?? selection.name).value !== key) return []
    const field =
      isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined
    return field === undefined ? [] : [{ type: field.type, set: selection.selectionSet }]
  })

const listsIn = (type: GraphQLOutputType): number =>
  isNonNullType(type) ? listsIn(type.ofType) : isListType(type) ? 1 + listsIn(type.ofType) : 0
