import { AT, COMPARISONS, type PeopleComparer } from '../compare-people.ts'
import { UNKNOWN } from '../comparisons/comparison.ts'
import { logsOf } from './estimate.ts'
import type { Frequencies } from './frequencies.ts'
import type { Parameters } from './parameters.ts'

export interface Scorer {
  /** log2 odds that two records are one person. The levels it looked at stay in `levels` until the next call. */
  score(left: number, right: number): number
  readonly levels: Uint8Array
  /** Whether the pair that was scored last is most likely two people of one household. */
  isHousehold(): boolean
  /** log2 odds of a pair about which nothing is known. */
  readonly prior: number
  /** What each comparison adds, and at the end what having a household in common takes away. */
  weights(left: number, right: number): Float64Array
}

export function createScorer(
  comparer: PeopleComparer,
  parameters: Parameters,
  frequencies: Frequencies,
): Scorer {
  const logs = logsOf(parameters)
  const levels = new Uint8Array(COMPARISONS.length)
  const rest = Math.log2(1 - parameters.match)
  const prior = logs.match - rest

  /** log2 of each: one person, one household, strangers. */
  const sums = [0, 0, 0]
  const weights = new Float64Array(COMPARISONS.length + 1)
  const look = (left: number, right: number): void => {
    comparer.compare(left, right, levels)
    let [match, household, stranger] = [0, 0, 0]
    for (let at = 0; at < levels.length; at += 1) {
      const level = levels[at] ?? UNKNOWN
      weights[at] = 0
      if (level === UNKNOWN) continue
      const common = commonnessOf(frequencies, at, [left, right], level)
      const [m, u] = [logs.m[at]?.[level] ?? 0, (logs.u[at]?.[level] ?? 0) + common]
      match += m
      stranger += u
      household += logs.h[at]?.[level] ?? 0
      weights[at] = m - u
    }
    sums[0] = match
    sums[1] = household
    sums[2] = stranger
    // log2 of (household and strangers together) over (as if all were strangers).
    const [one, other] = [logs.household + household - rest, logs.stranger + stranger - rest]
    const most = Math.max(one, other)
    weights[levels.length] = stranger - (most + Math.log2(2 ** (one - most) + 2 ** (other - most)))
  }
  return {
    levels,
    prior,
    isHousehold() {
      const household = logs.household + (sums[1] ?? 0)
      return household > logs.match + (sums[0] ?? 0) && household > logs.stranger + (sums[2] ?? 0)
    },
    score(left, right) {
      look(left, right)
      return weights.reduce((sum, weight) => sum + weight, prior)
    },
    weights(left, right) {
      look(left, right)
      return weights.slice()
    },
  }
}

/** How common the agreeing value is, as log2: in the place of u, and of the place beside it. */
function commonnessOf(
  frequencies: Frequencies,
  at: number,
  [left, right]: readonly [number, number],
  level: number,
): number {
  if (at === AT.given) return frequencies.given(left, right, level) ?? 0
  if (at === AT.family) return frequencies.family(left, right, level) ?? 0
  if (at === AT.company) return frequencies.company(left, right, level) ?? 0
  return at === AT.address ? frequencies.address(left, right, level) : 0
}
