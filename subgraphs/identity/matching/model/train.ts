import type { CandidatePairs } from '../blocking/candidate-pairs.ts'
import type { PeopleComparer } from '../compare-people.ts'
import { estimate, startOf, type Estimate } from './estimate.ts'
import type { Frequencies } from './frequencies.ts'
import { createPairGroups } from './pair-groups.ts'
import { randomFrom } from './random.ts'

export interface TrainingOptions {
  readonly seed: number
  /** False: nobody lives together here; two records are one person or strangers. */
  readonly households: boolean
  /** Pairs looked at, of how many; null while they are counted. */
  readonly onLooked: (pairs: number, of: number | null) => void
}

export interface Training extends Estimate {
  readonly candidates: number
}

/** Of the candidate pairs so many are looked at, and of all others so many at random. */
const MOST_CANDIDATES = 250_000
const RANDOM_PAIRS = 80_000
/** Progress is told every so many pairs. */
const TOLD = 500_000

/**
 * Learns from a sample that stands for all pairs: candidates and the rest are sampled apart, each pair weighted by how
 * many it stands for. So what blocking selects does not pass for what strangers look like. Of the rest nearly all are
 * strangers; a rare one that only looks alike must not count for the thousands it stands for, so all of them are.
 */
export function train(
  comparer: PeopleComparer,
  pairs: CandidatePairs,
  frequencies: Frequencies,
  { seed, households, onLooked }: TrainingOptions,
): Training {
  const { size } = comparer.people
  let candidates = 0
  pairs.each(() => {
    candidates += 1
    if (candidates % TOLD === 0) onLooked(candidates, null)
  })
  const step = Math.max(1, Math.ceil(candidates / MOST_CANDIDATES))
  const sampled = createPairGroups(comparer, frequencies, false)
  let [at, taken] = [0, 0]
  pairs.each((left, right) => {
    at += 1
    if (at % TOLD === 0) onLooked(at, candidates)
    if (step > 1 && Math.imul(at, 0x9e3779b1) >>> 0 >= 2 ** 32 / step) return
    sampled.add(left, right, 1)
    taken += 1
  })
  const strangers = randomPairs(comparer, pairs, frequencies, seed)
  const all = (size * (size - 1)) / 2
  const groups = [
    ...weighted(sampled.groups, taken === 0 ? 0 : candidates / taken),
    ...weighted(strangers.groups, Math.max(0, all - candidates) / Math.max(1, strangers.taken)),
  ]
  const start = startOf(size)
  return { ...estimate(groups, households ? start : { ...start, household: 0 }), candidates }
}

function randomPairs(
  comparer: PeopleComparer,
  pairs: CandidatePairs,
  frequencies: Frequencies,
  seed: number,
) {
  const random = randomFrom(seed)
  const { size } = comparer.people
  const sample = createPairGroups(comparer, frequencies, true)
  let taken = 0
  for (let draw = 0; draw < RANDOM_PAIRS; draw += 1) {
    const [one, other] = [Math.floor(random() * size), Math.floor(random() * size)]
    const [left, right] = [Math.min(one, other), Math.max(one, other)]
    if (left === right || pairs.has(left, right)) continue
    sample.add(left, right, 1)
    taken += 1
  }
  return { groups: sample.groups, taken }
}

const weighted = <Group extends { weight: number }>(groups: readonly Group[], factor: number): Group[] =>
  groups.map((group) => ({ ...group, weight: group.weight * factor }))
