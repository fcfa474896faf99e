import { codedError } from '../coded-error.ts'
import type { SubgraphContext } from '../serve.ts'
import type { CurrentFactors } from './item-factors.ts'
import { bounded, boundedCount } from './recommend.ts'
import type { Retrieval } from './vectors/retrieval.ts'

/** The scope of what people took, and so of the vectors that are made of it: that of `Customer.recommendations`. */
export const SCOPE_OF_VECTORS = 'product_recs'

export interface NearArguments {
  readonly products: readonly string[]
  readonly first?: number | null
}

export interface PeopleNearParts {
  readonly factors: CurrentFactors
  /** Null: no vectors of people are kept, or nobody may look for them. */
  readonly people: Pick<Retrieval, 'people'> | null
}

const COORDINATE = 'Query.customersNear'
const MOST_PRODUCTS = 100

/**
 * Who leans towards these products, of those whose vector is kept and whose consent holds at this moment: as pids, nearest first. For
 * which client and purpose is what the gateway has signed.
 */
export async function peopleNear(
  { products, first }: NearArguments,
  { factors, people }: PeopleNearParts,
  grant: SubgraphContext['grant'],
): Promise<readonly { readonly pid: string }[]> {
  const k = boundedCount(first, COORDINATE, 20)
  bounded(products.length, MOST_PRODUCTS, COORDINATE, 'products')
  if (people === null) throw codedError('STORED_VECTORS_OFF', COORDINATE)
  if (grant === null) throw codedError('GRANT_MISSING')
  const { client: caller, purpose } = grant
  const leaning = factors()?.towards(products)
  if (!leaning) throw codedError('VECTOR_PRODUCTS_UNKNOWN', COORDINATE)
  const { vector, model } = leaning
  const asked = { caller, purpose, model: model.name, vector, k, scope: SCOPE_OF_VECTORS }
  const { found } = await people.people(asked)
  return found.map(({ id: pid }) => ({ pid }))
}
