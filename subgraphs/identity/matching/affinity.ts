import type { AffinityOf } from './clusters/contract.ts'
import { AT, type PeopleComparer } from './compare-people.ts'
import { PLACE, STREET, partsOfAddress } from './comparisons/address.ts'
import { BIRTH } from './comparisons/birth-date.ts'
import { UNKNOWN } from './comparisons/comparison.ts'
import { EMAIL } from './comparisons/email.ts'
import { FAMILY } from './comparisons/family-name.ts'
import { GIVEN } from './comparisons/given-name.ts'
import { NATIONAL_ID } from './comparisons/national-id.ts'
import { PHONE } from './comparisons/phone.ts'
import type { Scorer } from './model/scorer.ts'
import { vetoesOf } from './vetoes.ts'

/** No pair says more than this for or against, in bits: many records of one person repeat one another. */
const MOST_BITS = 15

const NEVER = { odds: Number.NEGATIVE_INFINITY, isOnesOwn: false }

/** What clustering asks of two records, also of such that nobody put side by side before. */
export function createAffinity(comparer: PeopleComparer, scorer: Scorer, vetoes: number): AffinityOf {
  return (one, other) => {
    const [left, right] = [Math.min(one, other), Math.max(one, other)]
    const odds = scorer.score(left, right)
    const { levels } = scorer
    if ((vetoesOf(comparer, left, right, levels) & vetoes) !== 0) return NEVER
    return { odds: Math.max(-MOST_BITS, Math.min(MOST_BITS, odds)), isOnesOwn: isOnesOwn(levels) }
  }
}

/** So many bits more must speak for merging, unasked, two records that share too little. */
const WITHOUT_A_SIGN = 8
/** Of given name, family name, street and place so many must agree where nothing of one's own does. */
const FEWEST_SIGNS = 3

/**
 * The same for what is merged without asking anybody. Where nothing of one's own agrees, an address alone is a house and
 * a name at another address a namesake, however rare it is: most of both must agree. Another given name is another
 * person.
 */
export function createMergeAffinity(comparer: PeopleComparer, scorer: Scorer, vetoes: number): AffinityOf {
  const affinityOf = createAffinity(comparer, scorer, vetoes)
  return (one, other) => {
    const affinity = affinityOf(one, other)
    if (affinity.odds <= 0 || affinity.isOnesOwn) return affinity
    const { levels } = scorer
    if (levels[AT.given] === GIVEN.differs) return { odds: 0, isOnesOwn: false }
    if (agreeEnough(levels)) return affinity
    return { odds: Math.max(0, affinity.odds - WITHOUT_A_SIGN), isOnesOwn: false }
  }
}

function agreeEnough(levels: Uint8Array): boolean {
  const names = [isFrom(levels, AT.given, GIVEN.initial), isFrom(levels, AT.family, FAMILY.part)]
  const address = levels[AT.address] ?? UNKNOWN
  if (address === UNKNOWN) return names.every(Boolean)
  const [street, place] = partsOfAddress(address)
  if (names.every(Boolean) && street > STREET.number && place > PLACE.region) return true
  const parts = [
    street >= STREET.alike && street !== STREET.unknown,
    place >= PLACE.half && place !== PLACE.unknown,
  ]
  return [...names, ...parts].filter(Boolean).length >= FEWEST_SIGNS
}

const isOnesOwn = (levels: Uint8Array): boolean =>
  isFrom(levels, AT.birth, BIRTH.slip) ||
  isFrom(levels, AT.email, EMAIL.local) ||
  isFrom(levels, AT.phone, PHONE.slip) ||
  isFrom(levels, AT.nationalId, NATIONAL_ID.slip)

const isFrom = (levels: Uint8Array, at: number, least: number): boolean =>
  levels[at] !== UNKNOWN && (levels[at] ?? 0) >= least
