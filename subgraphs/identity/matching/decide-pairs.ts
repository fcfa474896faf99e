import { probabilityOf } from './explain-pair.ts'
import type { MatchedPair, PairDecision } from './match-result.ts'
import type { Scorer } from './model/scorer.ts'
import type { ScoredPairs } from './score-candidates.ts'

export interface Decided {
  readonly ids: readonly string[]
  readonly pairs: ScoredPairs
  readonly scorer: Scorer
  /** Of each record the cluster that may be merged at once, and the one that is most likely right. */
  readonly merged: Int32Array
  readonly clusters: Int32Array
  readonly vetoes: number
  /** log2 odds from which a person may be asked. */
  readonly possible: number
}

/**
 * Three bands: `merge` is every pair within what may be merged at once, so that the pairs and what becomes of them say
 * the same; `possible` is the rest of the clusters and every likely pair across them that nothing forbids.
 */
export function* decidedPairs(decided: Decided): Generator<MatchedPair> {
  const { ids, scorer, merged, clusters, vetoes, possible } = decided
  const pairOf = (left: number, right: number, decision: PairDecision): MatchedPair => ({
    left: ids[left] ?? '',
    right: ids[right] ?? '',
    probability: probabilityOf(scorer.score(left, right)),
    decision,
  })
  for (const members of membersOf(clusters)) {
    for (const [at, left] of members.entries()) {
      for (const right of members.slice(at + 1))
        yield pairOf(left, right, merged[left] === merged[right] ? 'merge' : 'possible')
    }
  }
  const across: (readonly [number, number])[] = []
  decided.pairs.each(({ left, right, score, vetoes: against }) => {
    const isLikely = score >= possible && (against & vetoes) === 0
    if (isLikely && clusters[left] !== clusters[right]) across.push([left, right])
  })
  for (const [left, right] of across) yield pairOf(left, right, 'possible')
}

/** The members of every cluster of two or more, in order. */
function membersOf(clusters: Int32Array): Iterable<number[]> {
  const members = new Map<number, number[]>()
  for (const [record, first] of clusters.entries()) {
    if (record === first) continue
    const known = members.get(first)
    if (known === undefined) members.set(first, [first, record])
    else known.push(record)
  }
  return members.values()
}
