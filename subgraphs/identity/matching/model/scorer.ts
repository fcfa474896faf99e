import { AT, COMPARISONS, type PeopleComparer } from '../compare-people.ts'
import { UNKNOWN } from '../comparisons/comparison.ts'
import { logsOf, type Logs } from './estimate.ts'
import type { Frequencies } from './frequencies.ts'
import type { Parameters } from './parameters.ts'

export interface Scorer {
  /** log2 odds that two records are one person. The levels it looked at stay in `levels` until the next call. */
  score(left: number, right: number): number
  readonly levels: Uint8Array
  /** What it found, of each comparison three: see TERMS. Until the next call, too. */
  readonly terms: Float64Array
  /** The odds that such terms add up to. */
  oddsOf(terms: Float64Array): number
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
  const prior = logs.match - Math.log2(1 - parameters.match)
  const sharedOf = sharing(logs, parameters.match)

  const terms = new Float64Array(TERMS)
  const weights = new Float64Array(COMPARISONS.length + 1)
  const look = (left: number, right: number): void => {
    comparer.compare(left, right, levels)
    readTerms({ levels, terms, logs }, (at, level) => commonnessOf(frequencies, at, [left, right], level))
  }
  const oddsOf = (found: Float64Array): number => {
    const [match, household, stranger] = sumsOf(found)
    return prior + match - sharedOf(household, stranger)
  }
  return {
    levels,
    terms,
    prior,
    oddsOf,
    isHousehold() {
      const [match, household, stranger] = sumsOf(terms)
      return (
        logs.household + household > logs.match + match &&
        logs.household + household > logs.stranger + stranger
      )
    },
    score(left, right) {
      look(left, right)
      return oddsOf(terms)
    },
    weights(left, right) {
      look(left, right)
      const [, household, stranger] = sumsOf(terms)
      for (let at = 0; at < levels.length; at += 1)
        weights[at] = (terms[at * 3] ?? 0) - (terms[at * 3 + 2] ?? 0)
      weights[levels.length] = stranger - sharedOf(household, stranger)
      return weights.slice()
    },
  }
}

/** log2 of (household and strangers together) over (as if all were strangers). */
function sharing(logs: Logs, match: number): (household: number, stranger: number) => number {
  const rest = Math.log2(1 - match)
  return (household, stranger) => {
    const [one, other] = [logs.household + household - rest, logs.stranger + stranger - rest]
    const most = Math.max(one, other)
    return most + Math.log2(2 ** (one - most) + 2 ** (other - most))
  }
}

/** Of each comparison three: log2 of how likely it is found so of one person, of one household, of strangers. */
export const TERMS = COMPARISONS.length * 3

interface Looked {
  readonly levels: Uint8Array
  readonly terms: Float64Array
  readonly logs: Logs
}

function readTerms({ levels, terms, logs }: Looked, commonness: (at: number, level: number) => number): void {
  for (let at = 0; at < levels.length; at += 1) {
    const level = levels[at] ?? UNKNOWN
    const place = at * 3
    if (level === UNKNOWN) {
      terms.fill(0, place, place + 3)
      continue
    }
    terms[place] = logs.m[at]?.[level] ?? 0
    terms[place + 1] = logs.h[at]?.[level] ?? 0
    terms[place + 2] = (logs.u[at]?.[level] ?? 0) + commonness(at, level)
  }
}

function sumsOf(terms: Float64Array): readonly [match: number, household: number, stranger: number] {
  let [match, household, stranger] = [0, 0, 0]
  for (let place = 0; place < terms.length; place += 3) {
    match += terms[place] ?? 0
    household += terms[place + 1] ?? 0
    stranger += terms[place + 2] ?? 0
  }
  return [match, household, stranger]
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
  if (at === AT.line) return frequencies.line(left, right, level) ?? 0
  return at === AT.address ? frequencies.address(left, right, level) : 0
}
