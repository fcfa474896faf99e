import type { NoiseLaw } from './noise-law.ts'
import { chiSquareAbove, twoSided } from './special-functions.ts'

/** One way in which drawn numbers could have shown that they are not what they are said to be. */
export interface Finding {
  readonly test: 'mean' | 'variance' | 'tails' | 'frequencies' | 'neighbours' | 'whole numbers'
  /** How likely something at least so far off is, if they are what they are said to be. */
  readonly p: number
}

/** Below this nobody believes in chance any more: five tests a day would find it once in five centuries. */
export const REFUTED_BELOW = 1e-6

/** Holds numbers against what they are said to be drawn from. Each finding is a test by itself. */
export const fitOfNoise = (drawn: readonly number[] | Float64Array, law: NoiseLaw): readonly Finding[] => {
  const count = drawn.length
  if (drawn.some((x) => !Number.isSafeInteger(x))) return [{ test: 'whole numbers', p: 0 }]
  const sums = sumsOf(drawn)
  const spread = (law.fourthMoment - law.variance ** 2) / count
  return [
    { test: 'mean', p: twoSided(sums.first / count / Math.sqrt(law.variance / count)) },
    { test: 'variance', p: twoSided((sums.second / count - law.variance) / Math.sqrt(spread)) },
    { test: 'tails', p: tailsOf(drawn, law) },
    { test: 'frequencies', p: frequenciesOf(drawn, law) },
    { test: 'neighbours', p: twoSided(sums.following / law.variance / Math.sqrt(count - 1)) },
  ]
}

const sumsOf = (drawn: readonly number[] | Float64Array) => {
  let [first, second, following, before] = [0, 0, 0, 0]
  for (const x of drawn) {
    first += x
    second += x * x
    following += x * before
    before = x
  }
  return { first, second, following }
}

/** How many are further out than all but one in a thousand should be. */
const tailsOf = (drawn: readonly number[] | Float64Array, law: NoiseLaw): number => {
  let [share, from] = [0, law.reach + 1]
  while (from > 1 && share < 0.001) {
    from -= 1
    share += 2 * law.probability(from)
  }
  let outside = 0
  for (const x of drawn) if (Math.abs(x) >= from) outside += 1
  return twoSided((outside - drawn.length * share) / Math.sqrt(drawn.length * share * (1 - share)))
}

/** Pearson's chi-square over single numbers, those that are too rare together. */
const frequenciesOf = (drawn: readonly number[] | Float64Array, law: NoiseLaw): number => {
  const counts = new Map<number, number>()
  for (const x of drawn) counts.set(x, (counts.get(x) ?? 0) + 1)
  let [statistic, cells, seen, expectedSeen] = [0, 0, 0, 0]
  for (let x = -law.reach; x <= law.reach; x += 1) {
    const expected = law.probability(x) * drawn.length
    if (expected < FEWEST) continue
    const observed = counts.get(x) ?? 0
    statistic += (observed - expected) ** 2 / expected
    cells += 1
    seen += observed
    expectedSeen += expected
  }
  const [rest, expectedRest] = [drawn.length - seen, drawn.length - expectedSeen]
  if (expectedRest < FEWEST) return chiSquareAbove(statistic, Math.max(1, cells - 1))
  return chiSquareAbove(statistic + (rest - expectedRest) ** 2 / expectedRest, cells)
}

/** Expected in one cell, so that the normal approximation holds. */
const FEWEST = 20
