import { becauseOf, factOf, isNobody, type Visitor } from './visitor.ts'
import { boundedCount, recommend, type Recommending } from './recommend.ts'

export interface ContextArguments {
  readonly first?: number | null
  readonly locale?: string | null
  readonly device?: string | null
  readonly category?: string | null
}

export interface ContextParts extends Recommending {
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
  { history, coordinate, ...recommending }: ContextParts,
): Promise<object> {
  const count = boundedCount(first, coordinate, device === 'MOBILE' ? USUAL_ON_MOBILE : undefined)
  const bought = isNobody(visitor) ? [] : await recommending.loaders.purchases.load(visitor.pid)
  const handed = history.flatMap((field) => factOf(visitor, field) ?? []).map(String)
  const { products, isPersonal, model } = await recommend(
    [...bought, ...handed],
    { count, locale, category },
    recommending,
  )
  return {
    products,
    basis: isPersonal ? 'PERSON' : 'NOBODY',
    model,
    because: isPersonal ? becauseOf(visitor, history) : { features: [], events: [], receipts: [] },
  }
}
