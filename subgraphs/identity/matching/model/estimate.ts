import { AT, COMPARISONS } from '../compare-people.ts'
import { LINE } from '../comparisons/address-line.ts'
import { COMPANY } from '../comparisons/company.ts'
import { UNKNOWN } from '../comparisons/comparison.ts'
import { FAMILY } from '../comparisons/family-name.ts'
import { GIVEN } from '../comparisons/given-name.ts'
import type { PairGroup } from './pair-groups.ts'
import { normalised, type Parameters } from './parameters.ts'

export interface Estimate extends Parameters {
  readonly iterations: number
  readonly converged: boolean
}

const MOST_ITERATIONS = 300
/** No probability moved by more than this: converged. */
const STILL = 1e-5
/** What is believed beforehand, in pairs: what never occurs is not impossible, and three rows teach nothing. */
const BELIEF = { m: 5, h: 5, u: 1000 }
/** So often two rows are one person, or two of one household, in a small table about which nothing is known. */
const USUAL_SHARE = 0.001

/**
 * Expectation maximisation over a weighted sample of all pairs, without a label (Fellegi–Sunter; Winkler 1988). Three
 * things two records may be, not two: one person, two people who share a household, or strangers. The second is what
 * makes a family name, an address, a landline and a family's mailbox one piece of evidence instead of four: they are
 * as likely between two of one household as within one person. A given name is not: there it is a stranger's.
 */
export function estimate(groups: readonly PairGroup[], start: Parameters): Estimate {
  let current = start
  for (let iteration = 1; iteration <= MOST_ITERATIONS; iteration += 1) {
    const next = maximised(groups, current, start)
    const moved = distance(current, next)
    current = next
    if (moved < STILL) return { ...current, iterations: iteration, converged: true }
  }
  return { ...current, iterations: MOST_ITERATIONS, converged: false }
}

/** Where estimation begins: as people are anywhere, and as many of them as there usually are. */
export function startOf(records: number): Parameters {
  const once = Math.min(USUAL_SHARE, 1 / Math.max(records, 2))
  const column = (of: 'm' | 'h' | 'u'): Float64Array[] =>
    COMPARISONS.map((comparison) =>
      normalised(
        comparison,
        comparison.levels.map((level) => level[of]),
      ),
    )
  return { match: once, household: once, m: column('m'), h: column('h'), u: column('u') }
}

/** Levels at which u is the frequency of the value itself. */
export const isByTerm = (at: number, level: number): boolean =>
  (at === AT.given && (level === GIVEN.equal || level === GIVEN.swapped || level === GIVEN.slip)) ||
  (at === AT.family && (level === FAMILY.equal || level === FAMILY.slip)) ||
  (at === AT.company && level === COMPANY.equal) ||
  (at === AT.line && level === LINE.equal)

/** What a pair is: shares that add up to 1 with that of strangers. */
export interface Shares {
  match: number
  household: number
}

const STRANGERS: Shares = { match: 0, household: 0 }

function maximised(groups: readonly PairGroup[], current: Parameters, start: Parameters): Parameters {
  const logs = logsOf(current)
  const counts = {
    m: beliefs(start.m, BELIEF.m),
    h: beliefs(start.h, BELIEF.h),
    u: beliefs(start.u, BELIEF.u),
  }
  const believed = BELIEF.u * USUAL_SHARE
  const sums = { match: believed, household: believed, all: BELIEF.u }
  for (const group of groups) {
    const shares = group.areStrangers ? STRANGERS : sharesOf(group, logs)
    sums.match += shares.match * group.weight
    sums.household += shares.household * group.weight
    sums.all += group.weight
    count(counts.m, group, shares.match)
    count(counts.h, group, shares.household)
    count(counts.u, group, 1 - shares.match - shares.household)
  }
  return {
    match: sums.match / sums.all,
    household: start.household === 0 ? 0 : sums.household / sums.all,
    m: COMPARISONS.map((comparison, at) => normalised(comparison, counts.m[at] ?? [])),
    h: COMPARISONS.map((comparison, at) =>
      comparison.isHouseholdFixed === true
        ? (start.h[at] ?? new Float64Array())
        : normalised(comparison, counts.h[at] ?? []),
    ),
    u: COMPARISONS.map((comparison, at) => normalised(comparison, counts.u[at] ?? [])),
  }
}

const beliefs = (probabilities: readonly Float64Array[], pairs: number): Float64Array[] =>
  probabilities.map((levels) => levels.map((probability) => probability * pairs))

function count(counts: readonly Float64Array[], { levels, weight }: PairGroup, share: number): void {
  for (let at = 0; at < levels.length; at += 1) {
    const [level = UNKNOWN, of] = [levels[at], counts[at]]
    if (level !== UNKNOWN && of !== undefined) of[level] = (of[level] ?? 0) + weight * share
  }
}

export interface Logs {
  readonly match: number
  readonly household: number
  readonly stranger: number
  readonly m: readonly Float64Array[]
  /** Of strangers; 0 where the frequency of the value stands in its place. */
  readonly u: readonly Float64Array[]
  readonly h: readonly Float64Array[]
}

export function logsOf({ match, household, m, h, u }: Parameters): Logs {
  return {
    match: Math.log2(match),
    household: Math.log2(household),
    stranger: Math.log2(1 - match - household),
    m: m.map((levels) => levels.map(Math.log2)),
    u: u.map((levels, at) =>
      levels.map((probability, level) => (isByTerm(at, level) ? 0 : Math.log2(probability))),
    ),
    h: h.map((levels) => levels.map(Math.log2)),
  }
}

function sharesOf({ levels, common }: PairGroup, logs: Logs): Shares {
  let [match, household, stranger] = [logs.match, logs.household, logs.stranger + common]
  for (let at = 0; at < levels.length; at += 1) {
    const level = levels[at] ?? UNKNOWN
    if (level === UNKNOWN) continue
    match += logs.m[at]?.[level] ?? 0
    household += logs.h[at]?.[level] ?? 0
    stranger += logs.u[at]?.[level] ?? 0
  }
  const most = Math.max(match, household, stranger)
  const weights = [2 ** (match - most), 2 ** (household - most), 2 ** (stranger - most)] as const
  const sum = weights[0] + weights[1] + weights[2]
  return { match: weights[0] / sum, household: weights[1] / sum }
}

function distance(one: Parameters, other: Parameters): number {
  let most = Math.abs(Math.log(one.match / other.match)) * 0.1
  for (const key of ['m', 'h', 'u'] as const) {
    for (const [at, levels] of one[key].entries()) {
      for (const [level, probability] of levels.entries())
        most = Math.max(most, Math.abs(probability - (other[key][at]?.[level] ?? 0)))
    }
  }
  return most
}
