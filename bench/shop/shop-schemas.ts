import { compose } from '../../schema/compose.ts'

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])`

/** The well-known four: who, what, where in stock, and what people say of it. */
export const SHOP_SUBGRAPHS: Readonly<Record<string, string>> = {
  accounts: `${LINK}
    type Query { me: User users: [User!]! }
    type User @key(fields: "id") { id: ID! name: String username: String birthday: String }`,
  products: `${LINK}
    type Query { topProducts(first: Int = 5): [Product!]! }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  inventory: `${LINK}
    type Product @key(fields: "upc") {
      upc: String!
      price: Int @external
      weight: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }`,
  reviews: `${LINK}
    type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
    type User @key(fields: "id") { id: ID! reviews: [Review!]! }
    type Product @key(fields: "upc") { upc: String! reviews: [Review!]! }`,
}

/** The same in the words of federation 1, for a gateway that knows no other. */
export const SHOP_SUBGRAPHS_1: Readonly<Record<string, string>> = {
  accounts: `
    extend type Query { me: User users: [User!]! }
    type User @key(fields: "id") { id: ID! name: String username: String birthday: String }`,
  products: `
    extend type Query { topProducts(first: Int = 5): [Product!]! }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  inventory: `
    extend type Product @key(fields: "upc") {
      upc: String! @external
      price: Int @external
      weight: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }`,
  reviews: `
    type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
    extend type User @key(fields: "id") { id: ID! @external reviews: [Review!]! }
    extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review!]! }`,
}

/** The same graph in one schema, for the oracle that knows the whole answer. */
export const SHOP_WHOLE = `
  type Query { me: User users: [User!]! topProducts(first: Int = 5): [Product!]! }
  type User { id: ID! name: String username: String birthday: String reviews: [Review!]! }
  type Review { id: ID! body: String author: User product: Product }
  type Product {
    upc: String! name: String price: Int weight: Int inStock: Boolean shippingEstimate: Int reviews: [Review!]!
  }`

export const shopSupergraph = (origin: string): string => {
  const sources = Object.entries(SHOP_SUBGRAPHS).map(([name, sdl]) => ({
    name,
    sdl,
    url: `${origin}/${name}`,
  }))
  const { supergraph, violations } = compose(sources)
  if (supergraph === null) throw new Error(violations.map(({ message }) => message).join('\n'))
  return supergraph
}
