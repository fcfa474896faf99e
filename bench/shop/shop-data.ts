/** Made up by counting, so that every run asks for the same. Links are functions: the default resolvers follow them. */
export interface User {
  readonly id: string
  readonly name: string
  readonly username: string
  readonly birthday: string
  readonly reviews: () => readonly Review[]
}

export interface Product {
  readonly upc: string
  readonly name: string
  readonly price: number
  readonly weight: number
  readonly inStock: boolean
  readonly shippingEstimate: number
  readonly reviews: () => readonly Review[]
}

export interface Review {
  readonly id: string
  readonly body: string
  readonly author: () => User
  readonly product: () => Product
}

const USERS = 20
const PRODUCTS = 20
const REVIEWS = 60

const WORDS =
  'table chair lamp sturdy light oak heavy pretty cheap late fast box sofa desk would buy again'.split(' ')

const words = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, at) => WORDS[(seed * 7 + at * 5 + seed * at) % WORDS.length]).join(' ')

export const users: readonly User[] = Array.from({ length: USERS }, (_, index) => ({
  id: `u${index}`,
  name: `Person Number ${index}`,
  username: `person_${index}`,
  birthday: `19${60 + index}-0${1 + (index % 9)}-12`,
  reviews: () => reviews.filter((_review, at) => at % USERS === index),
}))

/** What shipping costs is the inventory's to say, of the price and weight it is told. */
export const shippingOf = ({ price, weight }: { readonly price: number; readonly weight: number }): number =>
  price > 1000 ? 0 : Math.round(weight / 2)

export const products: readonly Product[] = Array.from({ length: PRODUCTS }, (_, index) => {
  const [price, weight] = [100 + index * 75, 50 + ((index * 37) % 200)]
  return {
    upc: `p${index}`,
    name: `Product ${index} ${words(index, 2)}`,
    price,
    weight,
    inStock: index % 3 !== 0,
    shippingEstimate: shippingOf({ price, weight }),
    reviews: () => reviews.filter((_review, at) => productOf(at) === index),
  }
})

const reviews: readonly Review[] = Array.from({ length: REVIEWS }, (_, index) => ({
  id: `r${index}`,
  body: words(index, 30),
  author: () => users[index % USERS] as User,
  product: () => products[productOf(index)] as Product,
}))

/** Not in step with the users, so that one user's reviews are of different products. */
const productOf = (review: number): number => (review * 3 + Math.floor(review / USERS)) % PRODUCTS
