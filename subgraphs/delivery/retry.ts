export interface RetryTerms {
  /** After this many attempts a delivery is escalated. */
  readonly attempts: number
  /** The pause behind the first failure; it doubles with each further one, up to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
}

/** Between half of the pause and all of it, so that what failed together does not come back together. */
export function pauseBehind(
  failures: number,
  { firstMs, longestMs }: Pick<RetryTerms, 'firstMs' | 'longestMs'>,
  random: () => number,
): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 40))
  return Math.round(whole * (0.5 + random() / 2))
}
