import type { CandidatePairs } from './blocking/candidate-pairs.ts'
import type { PeopleComparer } from './compare-people.ts'
import { areHouseholdsReal, learnedVetoes } from './learned-vetoes.ts'
import type { MatchModel } from './match-model.ts'
import type { MatchStep } from './match-result.ts'
import { frequenciesOf } from './model/frequencies.ts'
import { trainingOf } from './model/read-model.ts'
import { createScorer, type Scorer } from './model/scorer.ts'
import { train, type Training } from './model/train.ts'
import { scoreCandidates, type ScoredPairs } from './score-candidates.ts'

export interface Learned {
  readonly training: Training
  readonly scorer: Scorer
  readonly scored: ScoredPairs
  /** Bits of the vetoes in force. */
  readonly vetoes: number
}

export interface LearnOptions {
  readonly seed: number
  /** What was learned before: nothing is learned again. */
  readonly model?: MatchModel | undefined
  readonly tell: (step: MatchStep, done: number, of: number | null) => void
}

/** What these rows say about how records of one person look, and every pair worth remembering under it. */
export function learn(comparer: PeopleComparer, pairs: CandidatePairs, options: LearnOptions): Learned {
  const { people } = comparer
  const frequencies = frequenciesOf(people)
  const scoredBy = (training: Training): Omit<Learned, 'vetoes'> => {
    const { candidates } = training
    options.tell('train', candidates, candidates)
    const scorer = createScorer(comparer, training, frequencies)
    const scored = scoreCandidates(comparer, pairs, scorer, (done) => options.tell('score', done, candidates))
    options.tell('score', candidates, candidates)
    return { training, scorer, scored }
  }
  if (options.model !== undefined) {
    const learned = scoredBy(trainingOf(options.model, people.size, countOf(pairs)))
    return { ...learned, vetoes: vetoesIn(options.model) }
  }
  const trained = (households: boolean): Omit<Learned, 'vetoes'> =>
    scoredBy(
      train(comparer, pairs, frequencies, {
        seed: options.seed,
        households,
        onLooked: (done, of) => options.tell('train', done, of),
      }),
    )
  const first = trained(true)
  const learned = areHouseholdsReal(people, first.scored) ? first : trained(false)
  return { ...learned, vetoes: learnedVetoes(people, learned.scored) }
}

function countOf(pairs: CandidatePairs): number {
  let count = 0
  pairs.each(() => (count += 1))
  return count
}

const vetoesIn = ({ vetoes }: MatchModel): number =>
  vetoes.reduce((bits, { inForce }, at) => (inForce ? bits | (1 << at) : bits), 0)
