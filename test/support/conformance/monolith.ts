import { makeExecutableSchema } from '@graphql-tools/schema'
import { type ExecutionResult, execute, type GraphQLSchema, Kind, parse, visit, subscribe } from 'graphql'
import { readDeclared } from './declared.ts'
import { storedEvents, type Stored, storedResolver, unmarkJson } from './stored-graph.ts'
import { implementers } from './subgraph-resolvers.ts'
import type { Fields, Suite } from './suite.ts'

/** The oracle: one server with all the data and the schema that clients see. No gateway, no planner, no hops. */
export interface Monolith {
  readonly schema: GraphQLSchema
  ask(query: string, variables?: Fields, operationName?: string): Promise<ExecutionResult>
  /** All answers of a subscription. */
  events(query: string, variables?: Fields): Promise<ExecutionResult[]>
}

export const createMonolith = (suite: Suite): Monolith => {
  const schema = clientSchema(suite.supergraph)
  const implementing = implementers(suite.subgraphs.map(({ sdl }) => readDeclared(sdl)))
  const answering = () => ({ graph: suite.graph, implementing, subgraph: null, journal: [] })
  return {
    schema,
    events: async (query, variables = {}) => {
      const stream = await subscribe({
        schema,
        document: parse(query),
        variableValues: variables,
        subscribeFieldResolver: storedEvents(answering()),
        fieldResolver: storedResolver(answering()),
        typeResolver: (value) => (value as Stored).type,
      })
      if (!(Symbol.asyncIterator in stream)) return [stream]
      const results: ExecutionResult[] = []
      for await (const result of stream) results.push(JSON.parse(JSON.stringify(result)) as ExecutionResult)
      return results
    },
    ask: async (query, variables = {}, operationName) => {
      const result = await execute({
        schema,
        document: parse(query),
        variableValues: variables,
        ...(operationName === undefined ? {} : { operationName }),
        fieldResolver: storedResolver(answering()),
        typeResolver: (value) => (value as Stored).type,
      })
      return JSON.parse(unmarkJson(JSON.stringify(result))) as ExecutionResult
    },
  }
}

const MACHINERY =
  /^(join__|link__|core__|consent__)|^(link|core|inaccessible|tag|requiresScope|dataSubject|dataContract)$/

/** A supergraph without the words of the join specification and without what is inaccessible. */
const clientSchema = (supergraph: string): GraphQLSchema => {
  const document = parse(supergraph, { noLocation: true })
  const hidden = new Set(
    document.definitions.flatMap((node) =>
      'directives' in node && 'name' in node && (node.directives ?? []).some(isInaccessible)
        ? [node.name?.value]
        : [],
    ),
  )
  const open = visit(document, {
    enter: (node) => {
      if ('directives' in node && (node.directives ?? []).some(isInaccessible)) return null
      if (node.kind === Kind.NAMED_TYPE && hidden.has(node.name.value)) return null
      const name = 'name' in node && node.name?.kind === Kind.NAME ? node.name.value : ''
      const isMachinery = /^Directive|TypeDefinition$/.test(node.kind)
      return isMachinery && MACHINERY.test(name) ? null : undefined
    },
  })
  return makeExecutableSchema({ typeDefs: open, assumeValidSDL: true })
}

const isInaccessible = ({ name }: { readonly name: { readonly value: string } }): boolean =>
  name.value === 'inaccessible'
