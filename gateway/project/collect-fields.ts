import {
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { isActive } from '../fence/conditions.ts'

/** One key of an object in the answer, with every selection that asks for it. */
export interface Field {
  readonly key: string
  readonly node: FieldNode
  /** Selections on its value, from every place that asks for it. */
  readonly inner: readonly SelectionSetNode[]
}

interface Scene {
  readonly schema: GraphQLSchema
  readonly variables: Readonly<Record<string, unknown>>
  /** What was collected before in this request: the same for every object of one type. */
  readonly collected: FieldMemory
}

export type FieldMemory = Map<readonly SelectionSetNode[], Map<string, readonly Field[]>>

type Composite = GraphQLObjectType | GraphQLInterfaceType

/** The fields asked of a concrete type, in the order in which their keys first appear (GraphQL, "CollectFields"). */
export const collectFields = (
  type: Composite,
  sets: readonly SelectionSetNode[],
  scene: Scene,
): readonly Field[] => {
  const byType = scene.collected.get(sets) ?? new Map<string, readonly Field[]>()
  scene.collected.set(sets, byType)
  const known = byType.get(type.name)
  if (known !== undefined) return known
  const byKey = new Map<string, FieldNode[]>()
  for (const set of sets) collect(type, set, byKey, scene)
  const fields = [...byKey].flatMap(([key, nodes]) => fieldOf(key, nodes))
  byType.set(type.name, fields)
  return fields
}

const fieldOf = (key: string, nodes: readonly FieldNode[]): Field[] =>
  nodes[0] === undefined
    ? []
    : [{ key, node: nodes[0], inner: nodes.flatMap((node) => node.selectionSet ?? []) }]

const collect = (
  type: Composite,
  set: SelectionSetNode,
  byKey: Map<string, FieldNode[]>,
  scene: Scene,
): void => {
  for (const selection of set.selections) {
    if (!isActive(selection, scene.variables)) continue
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      const nodes = byKey.get(key)
      if (nodes === undefined) byKey.set(key, [selection])
      else nodes.push(selection)
    } else if (
      selection.kind === Kind.INLINE_FRAGMENT &&
      applies(type, selection.typeCondition?.name.value, scene.schema)
    )
      collect(type, selection.selectionSet, byKey, scene)
  }
}

const applies = (type: Composite, condition: string | undefined, schema: GraphQLSchema): boolean => {
  if (condition === undefined || condition === type.name) return true
  const named = schema.getType(condition)
  return named !== undefined && isAbstractType(named) && schema.isSubType(named, type)
}
