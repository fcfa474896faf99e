/** `big` takes seven calls in four levels and answers 30 kB; `small` takes two and answers less than 2 kB. */
export const SHOP_QUERIES = {
  big: `query Big {
  users { id username name reviews { id body product { upc name price inStock shippingEstimate } } }
  topProducts(first: 10) { upc name inStock reviews { id body author { id username name } } }
}`,
  small: `query Small { me { id username name reviews { id body } } }`,
} as const

export type ShopQuery = keyof typeof SHOP_QUERIES

export const SHOP_QUERY_NAMES: readonly ShopQuery[] = ['big', 'small']
