import { getNamedType, type GraphQLSchema, isAbstractType, isObjectType } from 'graphql'
import type { Graph } from './side.ts'

/** One field that leads to one object type. */
export interface Step {
  readonly coordinate: string
  readonly declaredAs: string
  /** The object type that it leads to. */
  readonly to: string
}

/** Steps from an object type, through an interface or a union to each object type that it can be. */
export const stepsFrom = (schema: GraphQLSchema, name: string): readonly Step[] => {
  const steps = known.get(schema) ?? new Map<string, readonly Step[]>()
  known.set(schema, steps)
  const found = steps.get(name) ?? read(schema, name)
  steps.set(name, found)
  return found
}

const known = new WeakMap<GraphQLSchema, Map<string, readonly Step[]>>()

const read = (schema: GraphQLSchema, name: string): Step[] => {
  const type = schema.getType(name)
  if (!isObjectType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type)
    const possible = isAbstractType(named)
      ? schema.getPossibleTypes(named)
      : isObjectType(named)
        ? [named]
        : []
    return possible.map((to) => ({
      coordinate: `${name}.${field.name}`,
      declaredAs: named.name,
      to: to.name,
    }))
  })
}

export type Ways = ReadonlyMap<string, readonly Step[]>

/** A shortest way of steps that pass from a root to each object type. */
export const waysOf = (schema: GraphQLSchema, passes: (step: Step) => boolean): Ways => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (root) => (root ? [root.name] : []),
  )
  const ways = new Map<string, readonly Step[]>(roots.map((root) => [root, []]))
  const queue = [...roots]
  for (const type of queue)
    for (const step of stepsFrom(schema, type)) {
      if (ways.has(step.to) || !passes(step)) continue
      ways.set(step.to, [...(ways.get(type) ?? []), step])
      queue.push(step.to)
    }
  return ways
}

/** Ways past nothing that is protected. */
export const openWaysOf = (graph: Graph): Ways => {
  const ways = open.get(graph) ?? waysOf(graph.schema, ({ coordinate }) => !isProtected(graph, coordinate))
  open.set(graph, ways)
  return ways
}

const open = new WeakMap<Graph, Ways>()

export const isProtected = ({ protection }: Graph, coordinate: string): boolean =>
  (protection.protections.get(coordinate)?.clauses.length ?? 0) > 0
