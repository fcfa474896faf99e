/** What a decision may be made of: one scope, and the features that rest on it. */
export interface Basis {
  readonly scope: string
  /** Fields of `CustomerFeatures`. */
  readonly features: readonly string[]
}

export type BasisName = keyof typeof BASES

/**
 * A person answers each scope for itself, so what rests on one is never mixed with what rests on another: whoever says no to
 * one still has the decisions that the others allow. The schema asks for exactly these features.
 */
export const BASES = {
  profile: { scope: 'personalization', features: ['planTier', 'preferredLanguage'] },
  shopping: { scope: 'product_recs', features: ['purchases30d', 'purchases365d', 'lastProductBought'] },
  visits: { scope: 'analytics', features: ['cartActive24h', 'sessions7d', 'productsViewed7d'] },
} as const satisfies Readonly<Record<string, Basis>>

const BASIS_NAMES = Object.keys(BASES) as readonly BasisName[]

export const basisOf = (feature: string): BasisName | undefined =>
  BASIS_NAMES.find((name) => (BASES[name].features as readonly string[]).includes(feature))
