import { type Declared, readDeclared } from './declared.ts'
import { type Answering, type Stored, storedEvents, storedReference, storedResolver } from './stored-graph.ts'
import type { Fields, Suite } from './suite.ts'

export type Resolvers = Record<string, Record<string, unknown>>

export interface SuiteResolvers {
  readonly name: string
  readonly sdl: string
  readonly resolvers: Resolvers
}

/** Every subgraph of a suite with resolvers that answer from its graph; one journal for all of them. */
export const suiteResolvers = (suite: Suite, journal: string[]): SuiteResolvers[] => {
  const declared = suite.subgraphs.map(({ name, sdl }) => ({ name, sdl, declared: readDeclared(sdl) }))
  const implementing = implementers(declared.map((one) => one.declared))
  return declared.map(({ name, sdl, declared: own }) => ({
    name,
    sdl,
    resolvers: resolversOf({
      graph: suite.graph,
      implementing,
      subgraph: { name, declared: own },
      journal,
    }),
  }))
}

/** By interface: the types that implement it in any subgraph. */
export const implementers = (all: readonly Declared[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const { interfaces } of all)
    for (const [type, names] of interfaces)
      for (const name of names) found.set(name, [...new Set([...(found.get(name) ?? []), type])])
  return found
}

const resolversOf = (answering: Answering): Resolvers => {
  const { declared } = answering.subgraph ?? { declared: readDeclared('scalar None') }
  const resolve = storedResolver(answering)
  const event = { subscribe: storedEvents(answering), resolve }
  const reference = (type: string) =>
    declared.keys.has(type) ? { __resolveReference: (sent: Fields) => referenced(answering, sent, type) } : {}
  const objects = [...declared.fields].map(([type, fields]) => [
    type,
    {
      ...Object.fromEntries(fields.map((field) => [field, type === 'Subscription' ? event : resolve])),
      ...reference(type),
    },
  ])
  const abstract = declared.abstract.map((type) => [
    type,
    { __resolveType: (value: Stored) => value.type, ...reference(type) },
  ])
  return Object.fromEntries([...objects, ...abstract]) as Resolvers
}

const referenced = (answering: Answering, sent: Fields, type: string): Stored | null => {
  const found = storedReference(answering, sent, type)
  if (found instanceof Error) throw found
  return found
}
