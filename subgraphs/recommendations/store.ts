/** What is sold. Nothing in it is of a person: what people did comes with each request, as features that they allow. */
export interface RecommendationsStore {
  /** Unknown ones are left out. */
  products(skus: readonly string[]): Promise<readonly Product[]>
  /** By sku. */
  catalogue(choice: CatalogueChoice): Promise<readonly Product[]>
  /** All skus of a category, however many, by sku. */
  skusOf(category: string): Promise<readonly string[]>

  /** Puts another catalogue in the place of the old one, all or nothing. */
  replace(products: readonly Product[]): Promise<void>
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
