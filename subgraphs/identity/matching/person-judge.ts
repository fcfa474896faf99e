import type { Judge } from './clusters/contract.ts'
import type { SizePrior } from './clusters/size-prior.ts'
import { COMPARISONS, type PeopleComparer } from './compare-people.ts'
import { UNKNOWN } from './comparisons/comparison.ts'
import { TERMS, type Scorer } from './model/scorer.ts'
import { isForbidden, joinedObjection, objectionOf, type Objection } from './vetoes.ts'

/** What is found between the records of two groups, of all pairs across. */
export interface Found {
  /** Of each comparison three: the sum of m/u, that of h/u, and how many pairs know both values. */
  readonly ratios: Float64Array
  readonly pairs: number
  readonly objection: Objection
}

/**
 * Whether two groups of records are one person, field by field: a slip in one record is no second objection when
 * another record of the group has the value right, and a value that agrees again is the same evidence. Of each field
 * stands what a pair taken at random says, which is right for as many pairs as there are that are free of slips; with
 * more pairs more agree by chance.
 */
export function createPersonJudge(
  comparer: PeopleComparer,
  scorer: Scorer,
  { vetoes, prior }: { readonly vetoes: number; readonly prior: SizePrior },
): Judge<Found> {
  const terms = new Float64Array(TERMS)
  return {
    between(one, other) {
      const [left, right] = [Math.min(one, other), Math.max(one, other)]
      scorer.score(left, right)
      const ratios = ratiosOf(scorer)
      const objection = objectionOf(comparer, [left, right], scorer.levels, vetoes)
      return objection === null ? null : { ratios, pairs: 1, objection }
    },
    joined: (one, other) => ({
      ratios: one.ratios.map((ratio, at) => ratio + (other.ratios[at] ?? 0)),
      pairs: one.pairs + other.pairs,
      objection: joinedObjection(one.objection, other.objection),
    }),
    oddsOf({ ratios, pairs, objection }, size, otherSize) {
      if (isForbidden(objection)) return Number.NEGATIVE_INFINITY
      for (let place = 0; place < TERMS; place += 3) {
        const known = ratios[place + 2] ?? 0
        terms[place] = known === 0 ? 0 : Math.log2((ratios[place] ?? 0) / known)
        terms[place + 1] = known === 0 ? 0 : Math.log2((ratios[place + 1] ?? 0) / known)
      }
      return scorer.oddsOf(terms) - Math.log2(pairs) + prior(size, otherSize)
    },
  }
}

function ratiosOf({ levels, terms }: Scorer): Float64Array {
  const ratios = new Float64Array(TERMS)
  for (let at = 0; at < COMPARISONS.length; at += 1) {
    if (levels[at] === UNKNOWN) continue
    const place = at * 3
    const [match = 0, household = 0, stranger = 0] = terms.subarray(place, place + 3)
    ratios[place] = 2 ** (match - stranger)
    ratios[place + 1] = 2 ** (household - stranger)
    ratios[place + 2] = 1
  }
  return ratios
}
