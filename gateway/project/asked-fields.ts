import {
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { isActive } from '../fence/conditions.ts'
import { dataKey } from '../plan/response-keys.ts'
import type { World } from '../plan/world.ts'

/** One key of an object in the answer. */
export interface AskedField {
  readonly key: string
  readonly name: string
  /** The key its value is kept under in the merged data. */
  readonly dataKey: string
  /** Null for meta fields. */
  readonly type: GraphQLOutputType | null
  /** Selections on its value, from every place that asks for it. */
  readonly inner: readonly SelectionSetNode[]
  /** Coordinates under which the fence may have decided it; empty where nothing is protected. */
  readonly decidedAs: readonly string[]
}

/** What an answer's shape depends on besides the operation. */
export interface Scene {
  readonly world: World
  readonly schema: GraphQLSchema
  /** Fields of concrete types that this caller may not read, whoever they are about. */
  readonly denied: ReadonlySet<string>
  /** Values of the variables that `@skip` and `@include` look at. */
  readonly switches: Readonly<Record<string, unknown>>
}

export type Composite = GraphQLObjectType | GraphQLInterfaceType

/** The fields asked of a concrete type, in the order in which their keys first appear (GraphQL, "CollectFields"). */
export const askedFields = (
  type: Composite,
  sets: readonly SelectionSetNode[],
  scene: Scene,
): readonly AskedField[] => {
  const byKey = new Map<string, FieldNode[]>()
  for (const set of sets) collect(type, set, byKey, scene)
  return [...byKey].flatMap(([key, nodes]) => fieldOf(type, key, nodes, scene.world))
}

// eslint-disable-next-line max-params -- one field, by type and key
const fieldOf = (type: Composite, key: string, nodes: readonly FieldNode[], world: World): AskedField[] => {
  const [node] = nodes
  if (node === undefined) return []
  const name = node.name.value
  return [
    {
      key,
      name,
      dataKey: dataKey(node, world),
      type: type.getFields()[name]?.type ?? null,
      inner: nodes.flatMap((one) => one.selectionSet ?? []),
      decidedAs: mayBeProtected(type, name, world)
        ? [type.name, ...type.getInterfaces().map((parent) => parent.name)].map((owner) => `${owner}.${name}`)
        : [],
    },
  ]
}

/** An object that only says an interface's name may be any of its types. */
const mayBeProtected = (type: Composite, field: string, world: World): boolean =>
  [type.name, ...(world.supergraph.types.get(type.name)?.possible ?? [])].some((name) =>
    world.protection.protections.has(`${name}.${field}`),
  )

// eslint-disable-next-line max-params -- one walk
const collect = (
  type: Composite,
  set: SelectionSetNode,
  byKey: Map<string, FieldNode[]>,
  scene: Scene,
): void => {
  for (const selection of set.selections) {
    if (!isActive(selection, scene.switches)) continue
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
