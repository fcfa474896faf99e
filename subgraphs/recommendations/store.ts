import type { PidHolder } from '../pid-holder.ts'
import type { Neighbour, Similarity } from './item-to-item.ts'
import type { Popularity } from './popular.ts'

/** Products, what people bought, and what was learned from it. */
export interface RecommendationsStore extends PidHolder {
  /** What this person bought, each product once. The only method that reads what a person did. */
  purchases(pids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>

  /** Unknown ones are left out. */
  products(skus: readonly string[]): Promise<readonly Product[]>
  /** By sku. */
  catalogue(choice: CatalogueChoice): Promise<readonly Product[]>
  /** Most buyers first: in the first locale, then in the next; then by sku. Products nobody bought come last. */
  popular(choice: PopularChoice): Promise<readonly Product[]>
  /** What goes with each product, nearest first. */
  similar(skus: readonly string[]): Promise<ReadonlyMap<string, readonly Neighbour[]>>

  /** Puts a new model in the place of the old one, all or nothing. */
  replace(model: Model): Promise<void>
}

export interface Product {
  readonly sku: string
  readonly title: string
  readonly category: string
  readonly price: number
}

export interface CatalogueChoice {
  /** Null: every category. */
  readonly category: string | null
  readonly first: number
}

export interface PopularChoice extends CatalogueChoice {
  /** As `localeChain` makes them. */
  readonly locales: readonly string[]
}

export interface Purchase {
  readonly pid: string
  readonly sku: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** BCP 47: where it was bought. */
  readonly locale: string
}

export interface Model {
  readonly products: readonly Product[]
  readonly purchases: readonly Purchase[]
  readonly popularity: readonly Popularity[]
  readonly similarities: readonly Similarity[]
}
