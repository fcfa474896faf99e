import type { Judge } from './clusters/contract.ts'
import { AT, type PeopleComparer } from './compare-people.ts'
import { PLACE, STREET, partsOfAddress } from './comparisons/address.ts'
import { BIRTH } from './comparisons/birth-date.ts'
import { COMPANY } from './comparisons/company.ts'
import { isFrom, UNKNOWN } from './comparisons/comparison.ts'
import { EMAIL } from './comparisons/email.ts'
import { FAMILY } from './comparisons/family-name.ts'
import { GIVEN } from './comparisons/given-name.ts'
import { NATIONAL_ID } from './comparisons/national-id.ts'
import { PHONE } from './comparisons/phone.ts'
import type { Scorer } from './model/scorer.ts'
import { isForbidden, joinedObjection, objectionOf, type Objection } from './vetoes.ts'

/** No pair says more than this for or against, in bits: many records of one person repeat one another. */
const MOST_BITS = 15

/** So many bits more must speak for merging, unasked, two records that share too little. */
const WITHOUT_A_SIGN = 8
/** Of given name, family name, street and place so many must agree where nothing of one's own does. */
const FEWEST_SIGNS = 3

/** Between two groups of records, in bits. */
export interface Said {
  /** What adds up: pairs that agree in what only one person is reached by, and all that speaks against. */
  readonly sum: number
  /** A name, a birth date and an address that agree are the same evidence however often they are written: the best of it. */
  readonly best: number
  readonly objection: Objection
}

/**
 * Whether two groups may be merged without asking anybody, counting every pair across. Where nothing of one's own
 * agrees, an address alone is a house and a name at another address a namesake, however rare it is: most of both must
 * agree. Another given name is another person.
 */
export function createMergeJudge(comparer: PeopleComparer, scorer: Scorer, vetoes: number): Judge<Said> {
  return {
    between(one, other) {
      const [left, right] = [Math.min(one, other), Math.max(one, other)]
      const score = scorer.score(left, right)
      const { levels } = scorer
      const objection = objectionOf(comparer, [left, right], levels, vetoes)
      if (objection === null) return null
      const odds = Math.max(-MOST_BITS, Math.min(MOST_BITS, score))
      if (odds <= 0 || (isReachedByOne(levels) && !isOtherCompany(levels)))
        return { sum: odds, best: 0, objection }
      const isSigned = isFrom(levels, AT.birth, BIRTH.slip) && !isOtherCompany(levels)
      return { sum: 0, best: isSigned ? odds : withoutASign(odds, levels), objection }
    },
    joined: (one, other) => ({
      sum: one.sum + other.sum,
      best: Math.max(one.best, other.best),
      objection: joinedObjection(one.objection, other.objection),
    }),
    oddsOf: ({ sum, best, objection }) => (isForbidden(objection) ? Number.NEGATIVE_INFINITY : sum + best),
  }
}

function withoutASign(odds: number, levels: Uint8Array): number {
  if (levels[AT.given] === GIVEN.differs || isOtherCompany(levels)) return 0
  return agreeEnough(levels) ? odds : Math.max(0, odds - WITHOUT_A_SIGN)
}

/** Where nobody is named the company is who it is about: two of one house and one telephone are two. */
const isOtherCompany = (levels: Uint8Array): boolean =>
  levels[AT.given] === UNKNOWN && levels[AT.family] === UNKNOWN && levels[AT.company] === COMPANY.differs

function agreeEnough(levels: Uint8Array): boolean {
  const names = [isFrom(levels, AT.given, GIVEN.initial), isFrom(levels, AT.family, FAMILY.part)]
  const address = levels[AT.address] ?? UNKNOWN
  // A name and nothing else is a namesake's, too, and so is one with another birth date.
  if (address === UNKNOWN || levels[AT.birth] === BIRTH.differs) return false
  const [street, place] = partsOfAddress(address)
  if (names.every(Boolean) && street > STREET.number && place > PLACE.region) return true
  const parts = [
    street >= STREET.alike && street !== STREET.unknown,
    place >= (street === STREET.differs ? PLACE.alike : PLACE.half) && place !== PLACE.unknown,
  ]
  return [...names, ...parts].filter(Boolean).length >= FEWEST_SIGNS
}

const isReachedByOne = (levels: Uint8Array): boolean =>
  isFrom(levels, AT.email, EMAIL.local) ||
  isFrom(levels, AT.phone, PHONE.slip) ||
  isFrom(levels, AT.nationalId, NATIONAL_ID.slip)
