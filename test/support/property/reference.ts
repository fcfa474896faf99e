import { execute, type ExecutionResult, type GraphQLFieldResolver, type GraphQLSchema, parse } from 'graphql'
import type { Consents } from '../world.ts'
import { type PropertyGraph, read, type Thing } from './property-graph.ts'
import type { Requirements } from './requirements.ts'

/** Who asks with which scopes, and what each person has answered. */
export interface Situation {
  readonly scopes: readonly string[]
  readonly consents: Consents
}

export interface ReferenceAnswer {
  readonly result: ExecutionResult
  /** How often each coordinate was withheld. */
  readonly withheld: ReadonlyMap<string, number>
}

/** A data object and the nearest person it belongs to, by key. */
interface Seen {
  readonly thing: Thing
  readonly person: string | null
}

/**
 * What the answer must be: the operation run over all the data at once by graphql-js, with each value that its nearest
 * person did not grant replaced by null or by nobody's default. It knows no subgraphs, no plans and no partitions.
 */
export const refer = (
  query: string,
  variables: Record<string, unknown>,
  { graph, requirements, schema, situation }: ReferenceWorld,
): ReferenceAnswer => {
  const withheld = new Map<string, number>()
  const resolve: GraphQLFieldResolver<Seen, unknown> = (
    { thing, person },
    values,
    _,
    { parentType, fieldName },
  ) => {
    const keyPath = requirements.subjects.get(parentType.name)
    const mine = keyPath === undefined ? person : keyOf(thing, keyPath)
    const coordinate = `${parentType.name}.${fieldName}`
    if (isGranted(coordinate, mine, { requirements, situation }))
      return seen(read(thing, fieldName, values), mine)
    withheld.set(coordinate, (withheld.get(coordinate) ?? 0) + 1)
    return requirements.anonymous.has(coordinate)
      ? seen(read(graph.anonymous, fieldName, values), mine)
      : null
  }
  const document = parse(query)
  const isMutation = document.definitions.some((node) => 'operation' in node && node.operation === 'mutation')
  const result = execute({
    schema,
    document,
    variableValues: variables,
    rootValue: { thing: isMutation ? graph.roots.mutation : graph.roots.query, person: null },
    fieldResolver: resolve,
    typeResolver: ({ thing }: Seen) => thing.__typename,
  })
  if (result instanceof Promise) throw new Error('the reference is synchronous')
  return { result, withheld }
}

export interface ReferenceWorld {
  readonly graph: PropertyGraph
  readonly requirements: Requirements
  readonly schema: GraphQLSchema
  readonly situation: Situation
}

const keyOf = (thing: Thing, path: readonly string[]): string | null => {
  let value: unknown = thing
  for (const name of path) value = typeof value === 'object' && value !== null ? read(value, name) : undefined
  return typeof value === 'string' ? value : null
}

/** Objects carry their person along; leaves are what they are. */
const seen = (value: unknown, person: string | null): unknown => {
  if (Array.isArray(value)) return value.map((item) => seen(item, person))
  return typeof value === 'object' && value !== null ? { thing: value, person } : value
}

/** Every clause has a group of scopes that the caller may use and this person gave. */
export const isGranted = (
  coordinate: string,
  person: string | null,
  { requirements, situation: { scopes, consents } }: Pick<ReferenceWorld, 'requirements' | 'situation'>,
): boolean => {
  const clauses = requirements.clauses.get(coordinate)
  if (clauses === undefined) return true
  const answers = person === null ? undefined : consents[person]
  if (answers === undefined || typeof answers === 'string') return false
  const gave = (scope: string) =>
    scopes.includes(scope) && (answers[scope] === 'given' || answers[scope] === 'renewed')
  return clauses.every((groups) => groups.some((group) => group.length > 0 && group.every(gave)))
}
