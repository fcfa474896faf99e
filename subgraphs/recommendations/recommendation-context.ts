import { becauseOf, type Visitor, wordsOf } from './visitor.ts'
import { boundedCount, recommend, type Recommending } from './recommend.ts'

export interface ContextArguments {
  readonly first?: number | null
  readonly locale?: string | null
  readonly device?: string | null
  readonly category?: string | null
}

export interface ContextParts extends Recommending {
  /** Features that name products of the history: they are all that is known of the person. */
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
  const { products, isPersonal, model } = await recommend(
    history.flatMap((field) => wordsOf(visitor, field)),
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
