import { COMPARISONS, type PeopleComparer } from './compare-people.ts'
import { UNKNOWN } from './comparisons/comparison.ts'
import type { Evidence, PairExplanation } from './match-result.ts'
import type { Scorer } from './model/scorer.ts'
import { VETOES, vetoesOf } from './vetoes.ts'

type Explained = Pick<PairExplanation, 'prior' | 'evidence' | 'total' | 'probability' | 'vetoes'>

/** The waterfall of two records: prior and weights add up to the log2 odds. */
export function explainPair(
  comparer: PeopleComparer,
  scorer: Scorer,
  [left, right]: readonly [number, number],
  vetoesInForce: number,
): Explained {
  const weights = scorer.weights(left, right)
  const levels = scorer.levels.slice()
  const evidence: Evidence[] = []
  for (const [at, comparison] of COMPARISONS.entries()) {
    const found = comparison.levels[levels[at] ?? UNKNOWN]
    if (found === undefined) continue
    evidence.push({
      comparison: comparison.name,
      level: found.name,
      weight: weights[at] ?? 0,
      why: found.why,
    })
  }
  evidence.push({
    comparison: 'household',
    level: 'counted once',
    weight: weights[COMPARISONS.length] ?? 0,
    why: 'Family name, address, phone and mailbox are what a household shares: together they are one piece of evidence.',
  })
  const total = evidence.reduce((sum, { weight }) => sum + weight, scorer.prior)
  const bits = vetoesOf(comparer, left, right, levels) & vetoesInForce
  return {
    prior: scorer.prior,
    evidence,
    total,
    probability: probabilityOf(total),
    vetoes: VETOES.filter((_, at) => (bits & (1 << at)) !== 0).map(({ why }) => why),
  }
}

/** Of log2 odds. */
export const probabilityOf = (odds: number): number => 1 / (1 + 2 ** -odds)

export const oddsOf = (probability: number): number => Math.log2(probability / (1 - probability))
