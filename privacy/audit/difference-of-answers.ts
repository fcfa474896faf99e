/** How far answers about two data sets that differ by one person are from what (ε, δ) promises. */
export interface Difference {
  /** What the answers have shown δ to be at least, at the given ε. */
  readonly deltaAtLeast: number
  readonly isRefuted: boolean
}

/**
 * Looks for a set of outcomes by which one can tell the two apart better than promised: it is chosen on one half of the answers
 * and held against the other half, so that it cannot be found by chance (Ding, Wang, Wang, Zhang and Kifer, "Detecting
 * Violations of Differential Privacy", 2018). That nothing is found proves nothing; that something is found, does.
 */
export const differenceOfAnswers = (
  answers: readonly [readonly number[], readonly number[]],
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
): Difference => {
  const [one, other] = answers
  const bounds = [
    [one, other],
    [other, one],
  ].map(([left = [], right = []]) => shownBy(left, right, epsilon))
  const deltaAtLeast = Math.max(0, ...bounds)
  return { deltaAtLeast, isRefuted: deltaAtLeast > delta }
}

const shownBy = (left: readonly number[], right: readonly number[], epsilon: number): number => {
  const [chosenFrom, heldAgainst] = [halves(left), halves(right)]
  const [seen, seenOther] = [countsOf(chosenFrom[0]), countsOf(heldAgainst[0])]
  const telling = new Set(
    [...seen.keys()].filter((x) => {
      const count = seen.get(x) ?? 0
      const most = Math.exp(epsilon) * (seenOther.get(x) ?? 0)
      // Not what only looks so: by two standard deviations of what was counted.
      return count - most > 2 * Math.sqrt(count + Math.exp(2 * epsilon) * (seenOther.get(x) ?? 0))
    }),
  )
  const share = shareIn(chosenFrom[1], telling)
  const otherShare = shareIn(heldAgainst[1], telling)
  const spread =
    varianceOf(share, chosenFrom[1].length) +
    Math.exp(2 * epsilon) * varianceOf(otherShare, heldAgainst[1].length)
  return share - Math.exp(epsilon) * otherShare - SURE * Math.sqrt(spread)
}

/** Standard deviations: wrong once in a million. */
const SURE = 4.9

const halves = (values: readonly number[]): readonly [readonly number[], readonly number[]] => {
  const middle = Math.floor(values.length / 2)
  return [values.slice(0, middle), values.slice(middle)]
}

const countsOf = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1)
  return counts
}

const shareIn = (values: readonly number[], set: ReadonlySet<number>): number => {
  let inside = 0
  for (const x of values) if (set.has(x)) inside += 1
  // Agresti and Coull: never quite none, so that the spread is not zero where nothing was seen.
  return (inside + 2) / (values.length + 4)
}

const varianceOf = (share: number, count: number): number => (share * (1 - share)) / count
