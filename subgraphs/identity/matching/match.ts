import { blockingRules } from './blocking/blocking-rules.ts'
import { candidatePairs, type CandidatePairs } from './blocking/candidate-pairs.ts'
import { clusterPeople } from './clusters/cluster-people.ts'
import { mergeable } from './clusters/mergeable.ts'
import { sizePrior, type SizePrior } from './clusters/size-prior.ts'
import { createPeopleComparer, type PeopleComparer } from './compare-people.ts'
import { decidedPairs } from './decide-pairs.ts'
import { explainPair, oddsOf } from './explain-pair.ts'
import { learn } from './learn.ts'
import { createMergeJudge } from './merge-judge.ts'
import type { MatchOptions, MatchResult, MatchStep, PairExplanation } from './match-result.ts'
import { modelOf } from './model/model-of.ts'
import { readPeople } from './people/people.ts'
import { createPersonJudge } from './person-judge.ts'
import type { PersonRow } from './person-row.ts'

const SEED = 1
const THRESHOLDS = { merge: 0.93, possible: 0.5 } as const

/** log2 odds above which two clusters are more likely one than two. */
const LIKELY = 0
const ANY_SIZE: SizePrior = () => 0

/**
 * Who is who among these rows, decided from the rows alone: no labels, no network, the same answer for the same rows in
 * any order and the same seed.
 */
export async function match(
  rows: Iterable<PersonRow> | AsyncIterable<PersonRow>,
  options: MatchOptions = {},
): Promise<MatchResult> {
  const tell = (step: MatchStep, done: number, of: number | null): void =>
    options.progress?.({ step, done, of })
  const thresholds = { ...THRESHOLDS, ...options.thresholds }
  const people = await readPeople(rows, (count) => tell('read', count, null))
  const comparer = createPeopleComparer(people)
  const pairs = blocked(comparer)
  tell('block', people.size, people.size)
  const seed = options.seed ?? SEED
  const { training, scorer, scored, vetoes } = learn(comparer, pairs, { seed, model: options.model, tell })
  const judgedBy = (prior: SizePrior): Int32Array => {
    const judge = createPersonJudge(comparer, scorer, { vetoes, prior })
    return clusterPeople({ size: people.size, pairs: scored, vetoes, judge, threshold: LIKELY })
  }
  // How many records people have here is known when they have been told apart once.
  const clusters = judgedBy(sizePrior(judgedBy(ANY_SIZE), training.match))
  const merged = mergeable(clusters, createMergeJudge(comparer, scorer, vetoes), oddsOf(thresholds.merge))
  tell('cluster', people.size, people.size)

  const { ids } = people
  const numbers = new Map(ids.map((id, number) => [id, number]))
  const possible = oddsOf(thresholds.possible)
  const decided = { ids, pairs: scored, scorer, merged, clusters, vetoes, possible }
  return {
    records: people.size,
    pairs: { [Symbol.iterator]: () => decidedPairs(decided) },
    clusters: { [Symbol.iterator]: () => namedClusters(ids, clusters) },
    blocking: pairs.rules,
    model: modelOf(training, { seed, records: people.size, vetoes, thresholds }),
    explain(left, right) {
      const [one, other] = [numbers.get(left), numbers.get(right)]
      if (one === undefined || other === undefined) return null
      const explained = explainPair(comparer, scorer, [Math.min(one, other), Math.max(one, other)], vetoes)
      const sameCluster = clusters[one] === clusters[other]
      const isPossible = sameCluster || (explained.total >= possible && explained.vetoes.length === 0)
      const decision: PairExplanation['decision'] =
        merged[one] === merged[other] ? 'merge' : isPossible ? 'possible' : 'apart'
      return { left, right, ...explained, decision, sameCluster }
    },
  }
}

function blocked(comparer: PeopleComparer): CandidatePairs {
  const { people, hinted } = comparer
  // Who stands next to whom where a block is too large: by name.
  const order = Uint32Array.from(people.family.of, (family, at) => {
    const name = people.family.terms[family]?.text ?? ''
    const given = people.given.terms[people.given.of[at] ?? 0]?.text ?? ''
    return ((name.charCodeAt(0) || 0) << 16) ^ ((name.charCodeAt(1) || 0) << 8) ^ (given.charCodeAt(0) || 0)
  })
  return candidatePairs(blockingRules(people, hinted.of), people.size, order)
}

function* namedClusters(
  ids: readonly string[],
  clusters: Int32Array,
): Generator<{ id: string; cluster: string }> {
  for (const [record, id] of ids.entries()) yield { id, cluster: ids[clusters[record] ?? record] ?? id }
}
