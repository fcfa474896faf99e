/** Of one person what they took first, and what they took last. */
export interface Split {
  readonly history: Int32Array
  readonly later: Int32Array
}

/** The newest fifth of each basket, at least one item, is kept back; who took one thing only has nothing to be foretold. */
export const splitByTime = (baskets: readonly Int32Array[], part = 0.2): readonly Split[] =>
  baskets.map((basket) => {
    const later = basket.length < 2 ? 0 : Math.max(1, Math.round(basket.length * part))
    return {
      history: basket.subarray(0, basket.length - later),
      later: basket.subarray(basket.length - later),
    }
  })
