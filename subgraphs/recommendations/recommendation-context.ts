import { becauseOf, factOf, isNobody, type Visitor } from './visitor.ts'
import type { CurrentFactors } from './item-factors.ts'
import type { RecommendationsLoaders } from './loaders.ts'
import { boundedCount, recommend } from './recommend.ts'

export interface ContextArguments {
  readonly first?: number | null
  readonly locale?: string | null
  readonly device?: string | null
  readonly category?: string | null
}

export interface ContextParts {
  readonly loaders: RecommendationsLoaders
  readonly factors: CurrentFactors
  /** Features that name a product of the history. */
  readonly history: readonly string[]
  readonly coordinate: string
}

/** A page on a small screen shows fewer. */
const USUAL_ON_MOBILE = 6

/**
 * The person's vector is made of what they allow at this moment, for this request, and is gone with it: nothing of it is kept
 * (GDPR Art. 5(1)(e)).
 */
export async function recommendationContext(
  visitor: Visitor,
  { first, locale = null, device, category = null }: ContextArguments,
  { loaders, factors, history, coordinate }: ContextParts,
): Promise<object> {
  const count = boundedCount(first, coordinate, device === 'MOBILE' ? USUAL_ON_MOBILE : undefined)
  const bought = isNobody(visitor) ? [] : await loaders.purchases.load(visitor.pid)
  const handed = history.flatMap((field) => factOf(visitor, field) ?? []).map(String)
  const { products, personal, model } = await recommend(
    [...bought, ...handed],
    { count, locale, category },
    { loaders, factors },
  )
  const isPersonal = personal > 0
  return {
    products,
    basis: isPersonal ? 'PERSON' : 'NOBODY',
    model: isPersonal ? model : null,
    because: isPersonal ? becauseOf(visitor, history) : { features: [], events: [], receipts: [] },
  }
}
