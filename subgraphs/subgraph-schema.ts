import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLFieldResolver, type GraphQLSchema, parse } from 'graphql'
import { enforceGrants } from '../directives/enforce.ts'
import type { Grant } from '../directives/grant.ts'
import { normalizeConsent } from '../directives/link.ts'
import { guardEntities } from './guard-entities.ts'

interface Answering<Context> {
  readonly sdl: string
  // oxlint-disable-next-line typescript/no-explicit-any -- the parent of a resolver is what the resolver above returned
  readonly resolvers: Record<string, Record<string, GraphQLFieldResolver<any, Context>>>
}

/** What a subgraph answers, with its directives enforced: no resolver of a protected field is called without a grant. */
export function subgraphSchema<Context extends { readonly grant: Grant | null }>({
  sdl,
  resolvers,
}: Answering<Context>): GraphQLSchema {
  const typeDefs = normalizeConsent(parse(sdl))
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }])
  return enforceGrants(guardEntities(schema), (context) => (context as Context).grant)
}
