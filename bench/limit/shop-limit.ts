import type { SendCall } from './subgraph-calls.ts'

/**
 * What the plans of the two queries do, written by hand: the same calls in the same order, each answer parsed,
 * representations deduplicated, the answers merged, and a fresh answer as text. No GraphQL anywhere.
 */
export const answerSmall = async (send: SendCall): Promise<string> => {
  const { me } = await ask(send, 'accounts', '{me{__typename id username name}}')
  const query =
    'query($representations:[_Any!]!){_entities(representations:$representations){...on User{reviews{id body}}}}'
  const reviews = await askEntities<Reviewed>(send, 'reviews', query, [
    `{"__typename":"User","id":"${me.id}"}`,
  ])
  const { id, username, name } = me
  return JSON.stringify({ data: { me: { id, username, name, reviews: reviews[0]?.reviews ?? null } } })
}

export const answerBig = async (send: SendCall): Promise<string> => {
  const [{ topProducts }, { users }] = await Promise.all([
    ask(send, 'products', '{topProducts(first: 10){__typename upc name}}'),
    ask(send, 'accounts', '{users{__typename id username name}}'),
  ])
  const topKeys = topProducts.map(({ upc }) => `{"__typename":"Product","upc":"${upc}"}`)
  const [reviewed, stocked] = await Promise.all([
    askReviews(
      send,
      topKeys,
      users.map(({ id }) => `{"__typename":"User","id":"${id}"}`),
    ),
    askEntities<Stocked>(send, 'inventory', STOCK, topKeys),
  ])
  topProducts.forEach((product, at) => Object.assign(product, reviewed.products[at], stocked[at]))
  users.forEach((user, at) => Object.assign(user, reviewed.users[at]))
  const products = deduplicated(
    users.flatMap(reviewsOf).map(({ product }) => product),
    productKey,
  )
  await Promise.all([addNames(send, topProducts.flatMap(reviewsOf)), addProducts(send, products)])
  await addStock(send, products)
  return JSON.stringify({
    data: { users: users.map(writtenUser), topProducts: topProducts.map(writtenProduct) },
  })
}

interface Reviewed {
  reviews?: Review[]
}
interface User extends Reviewed {
  id: string
  username?: string
  name?: string
}
interface Stocked {
  inStock?: boolean
  shippingEstimate?: number
}
interface Product extends Reviewed, Stocked {
  upc: string
  name?: string
  price?: number
  weight?: number
}
interface Review {
  id: string
  body: string
  author: User
  product: Product
}

const REVIEWS =
  'query($__batch_reps_0:[_Any!]!, $__batch_reps_1:[_Any!]!){_e0: _entities(representations: $__batch_reps_0){...on Product{reviews{id body author{__typename id}}}} _e1: _entities(representations: $__batch_reps_1){...on User{reviews{id body product{__typename upc}}}}}'
const NAMES =
  'query($representations:[_Any!]!){_entities(representations: $representations){...on User{username name}}}'
const PRODUCTS =
  'query($representations:[_Any!]!){_entities(representations: $representations){...on Product{price weight name}}}'
const STOCK =
  'query($representations:[_Any!]!){_entities(representations: $representations){...on Product{inStock}}}'
const SHIPPING =
  'query($representations:[_Any!]!){_entities(representations: $representations){...on Product{inStock shippingEstimate}}}'

/** Only what was asked for is there. */
interface Roots {
  me: User
  users: User[]
  topProducts: Product[]
}

const ask = async (send: SendCall, subgraph: string, query: string): Promise<Roots> => {
  const answer = await send({ subgraph, body: `{"query":"${query}"}` })
  return (JSON.parse(answer.toString()) as { data: Roots }).data
}

const askEntities = async <T>(
  send: SendCall,
  subgraph: string,
  query: string,
  keys: readonly string[],
): Promise<T[]> => {
  const body = `{"query":"${query}","variables":{"representations":[${keys.join()}]}}`
  const answer = JSON.parse((await send({ subgraph, body })).toString()) as { data: { _entities: T[] } }
  return answer.data._entities
}

const askReviews = async (
  send: SendCall,
  products: readonly string[],
  users: readonly string[],
): Promise<{ products: Reviewed[]; users: Reviewed[] }> => {
  const variables = `{"__batch_reps_0":[${products.join()}],"__batch_reps_1":[${users.join()}]}`
  const answer = await send({ subgraph: 'reviews', body: `{"query":"${REVIEWS}","variables":${variables}}` })
  const { data } = JSON.parse(answer.toString()) as { data: { _e0: Reviewed[]; _e1: Reviewed[] } }
  return { products: data._e0, users: data._e1 }
}

const reviewsOf = ({ reviews = [] }: Reviewed): Review[] => reviews

const productKey = ({ upc }: Product): string => `{"__typename":"Product","upc":"${upc}"}`

/** Everything that is the same entity, by the text that names it. */
const deduplicated = <T>(entities: readonly T[], keyOf: (entity: T) => string): Map<string, T[]> => {
  const byKey = new Map<string, T[]>()
  for (const entity of entities) {
    const key = keyOf(entity)
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [entity])
    else same.push(entity)
  }
  return byKey
}

const merge = <T extends object>(
  answers: readonly Partial<T>[],
  entities: ReadonlyMap<string, readonly T[]>,
): void => {
  let at = 0
  for (const same of entities.values()) {
    const answer = answers[at]
    for (const entity of same) Object.assign(entity, answer)
    at += 1
  }
}

const addNames = async (send: SendCall, reviews: readonly Review[]): Promise<void> => {
  const authors = deduplicated(
    reviews.map(({ author }) => author),
    ({ id }) => `{"__typename":"User","id":"${id}"}`,
  )
  merge(await askEntities<Partial<User>>(send, 'accounts', NAMES, [...authors.keys()]), authors)
}

const addProducts = async (
  send: SendCall,
  products: ReadonlyMap<string, readonly Product[]>,
): Promise<void> => {
  merge(await askEntities<Partial<Product>>(send, 'products', PRODUCTS, [...products.keys()]), products)
}

const addStock = async (send: SendCall, products: ReadonlyMap<string, readonly Product[]>): Promise<void> => {
  const keys = [...products.values()].map(([product]) => {
    const { upc, price, weight } = product as Product
    return `{"__typename":"Product","upc":"${upc}","price":${price},"weight":${weight}}`
  })
  merge(await askEntities<Partial<Product>>(send, 'inventory', SHIPPING, keys), products)
}

const writtenUser = ({ id, username, name, reviews = [] }: User): object => ({
  id,
  username,
  name,
  reviews: reviews.map(({ id: review, body, product }) => ({
    id: review,
    body,
    product: {
      upc: product.upc,
      name: product.name,
      price: product.price,
      inStock: product.inStock,
      shippingEstimate: product.shippingEstimate,
    },
  })),
})

const writtenProduct = ({ upc, name, inStock, reviews = [] }: Product): object => ({
  upc,
  name,
  inStock,
  reviews: reviews.map(({ id, body, author }) => ({
    id,
    body,
    author: { id: author.id, username: author.username, name: author.name },
  })),
})
