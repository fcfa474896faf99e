import { buildSubgraphSchema } from '@apollo/subgraph'
import { buildSchema, execute, type GraphQLSchema, parse } from 'graphql'
import { products, shippingOf, users } from './shop-data.ts'
import { SHOP_SUBGRAPHS, SHOP_SUBGRAPHS_1, SHOP_WHOLE } from './shop-schemas.ts'
import type { Oracle } from '../oracle.ts'

/** The four subgraphs as graphql-js answers them, by path. */
export const shopOracles = (): ReadonlyMap<string, Oracle> =>
  new Map([...oraclesOf(SHOP_SUBGRAPHS, ''), ...oraclesOf(SHOP_SUBGRAPHS_1, 'federation-1/')])

const oraclesOf = (subgraphs: Readonly<Record<string, string>>, folder: string): [string, Oracle][] =>
  Object.entries(subgraphs).map(([name, sdl]) => {
    const entities = name === 'inventory' ? { Product: INVENTORY } : REFERENCES
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: entitiesOf(entities, sdl) })
    return [`${folder}${name}`, ({ query, variables = {} }) => answer(schema, query, variables)]
  })

/** The whole answer, from one schema that was never federated. */
export const answerWhole = (query: string): Promise<unknown> => answer(buildSchema(SHOP_WHOLE), query, {})

const ROOT = {
  me: users[0],
  users,
  topProducts: ({ first }: { readonly first: number }) => products.slice(0, first),
}

const answer = async (
  schema: GraphQLSchema,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<unknown> => execute({ schema, document: parse(query), rootValue: ROOT, variableValues: variables })

const REFERENCES: Readonly<Record<string, object>> = {
  User: { __resolveReference: ({ id }: { readonly id: string }) => users.find((one) => one.id === id) },
  Product: {
    __resolveReference: ({ upc }: { readonly upc: string }) => products.find((one) => one.upc === upc),
  },
}

interface InventoryReference {
  readonly upc: string
  readonly price?: number
  readonly weight?: number
}

/** A gateway that forgets what `@requires` names gets a null, and so another answer than the oracle's. */
const INVENTORY = {
  __resolveReference: ({ upc, price, weight }: InventoryReference) => ({
    ...products.find((one) => one.upc === upc),
    shippingEstimate: price === undefined || weight === undefined ? null : shippingOf({ price, weight }),
  }),
}

const entitiesOf = (entities: Readonly<Record<string, object>>, sdl: string): Record<string, never> =>
  Object.fromEntries(Object.entries(entities).filter(([type]) => sdl.includes(`type ${type} `))) as Record<
    string,
    never
  >
