import { type DocumentNode, Kind, parse, type TypeDefinitionNode } from 'graphql'
import { createWorld, statesOf, type TestSubgraph, type World } from '../world.ts'
import { type PropertyGraph, type PropertySubgraph, read, type Thing } from './property-graph.ts'
import type { Situation } from './reference.ts'
import { readRequirements, type Requirements } from './requirements.ts'

/** A protected field whose resolver ran in some subgraph. */
export interface Touched {
  readonly whose: string
  readonly coordinate: string
}

export interface PropertyWorld {
  readonly graph: PropertyGraph
  readonly requirements: Requirements
  /** With and without the subgraphs' own check: the gateway alone must hold, too. */
  readonly guarded: World
  readonly unguarded: World
  /** The gateways are built once; who consented is put in before each question. */
  readonly now: { situation: Situation; touched: Touched[] }
}

export const createPropertyWorld = (graph: PropertyGraph): PropertyWorld => {
  const requirements = readRequirements(graph)
  const now: PropertyWorld['now'] = { situation: { scopes: [], consents: {} }, touched: [] }
  const subgraphs = graph.subgraphs.map((subgraph): TestSubgraph => ({
    name: subgraph.name,
    sdl: subgraph.sdl,
    resolvers: resolversOf(subgraph, graph, (thing, field) => {
      const coordinate = `${thing.__typename}.${field}`
      if (thing.whose !== null && requirements.clauses.has(coordinate))
        now.touched.push({ whose: thing.whose, coordinate })
    }),
  }))
  const worldWith = (unguardedSubgraphs: boolean) =>
    createWorld({
      subgraphs,
      scopes: graph.scopes,
      consents: {},
      unguardedSubgraphs,
      consent: { load: async (subjects) => statesOf(now.situation.consents, subjects) },
    })
  return { graph, requirements, now, guarded: worldWith(false), unguarded: worldWith(true) }
}

type Resolvers = Record<string, Record<string, unknown>>

const resolversOf = (
  subgraph: PropertySubgraph,
  graph: PropertyGraph,
  touch: (thing: Thing, field: string) => void,
): Resolvers => {
  const resolvers: Resolvers = {}
  const document: DocumentNode = parse(subgraph.sdl)
  for (const node of document.definitions)
    if (node.kind.endsWith('TypeDefinition')) {
      const type = node as TypeDefinitionNode
      resolvers[type.name.value] = resolversFor(type, { subgraph, graph, touch })
    }
  return Object.fromEntries(Object.entries(resolvers).filter(([, fields]) => Object.keys(fields).length > 0))
}

interface Making {
  readonly subgraph: PropertySubgraph
  readonly graph: PropertyGraph
  readonly touch: (thing: Thing, field: string) => void
}

const resolversFor = (
  type: TypeDefinitionNode,
  { subgraph, graph, touch }: Making,
): Record<string, unknown> => {
  const name = type.name.value
  const find = subgraph.entities[name]
  const told = subgraph.external?.[name] ?? []
  const reference =
    find === undefined
      ? {}
      : {
          __resolveReference: (representation: Record<string, unknown>) => {
            const found = find(representation)
            return found === null
              ? null
              : { ...found, ...Object.fromEntries(told.map((one) => [one, representation[one]])) }
          },
        }
  if (type.kind === Kind.INTERFACE_TYPE_DEFINITION || type.kind === Kind.UNION_TYPE_DEFINITION)
    return { ...reference, __resolveType: ({ __typename }: Thing) => __typename }
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return {}
  const root = name === 'Query' ? graph.roots.query : name === 'Mutation' ? graph.roots.mutation : undefined
  const fields = (type.fields ?? []).map((field) => {
    const key = field.name.value
    return [
      key,
      (source: Thing | undefined, values: Record<string, unknown>) => {
        const thing = source ?? root ?? { __typename: name, whose: null }
        touch(thing, key)
        return read(thing, key, values)
      },
    ] as const
  })
  return { ...reference, ...Object.fromEntries(fields) }
}
