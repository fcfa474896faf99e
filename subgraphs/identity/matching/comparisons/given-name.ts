import { isInSigns, type NameTerm } from '../people/name-term.ts'
import { editDistance } from '../text/edit-distance.ts'
import { jaroWinkler } from '../text/jaro-winkler.ts'
import { areForms, familiesOf, hasFormStarting } from '../text/nicknames.ts'
import { UNKNOWN, type Comparison } from './comparison.ts'

export const GIVEN = { differs: 0, faint: 1, initial: 2, slip: 3, form: 4, equal: 5, swapped: 6 } as const

export const GIVEN_NAME: Comparison = {
  name: 'given name',
  // A father and his son have one name now and then; else a household has another one for everybody.
  isHouseholdFixed: true,
  levels: [
    {
      name: 'differs',
      why: 'Two given names, and neither is a form or a slip of the other.',
      m: 0.01,
      h: 0.93,
      u: 0.979,
    },
    {
      name: 'faintly alike',
      why: 'The given names are farther apart than one slip.',
      m: 0.02,
      h: 0.01,
      u: 0.009,
    },
    { name: 'initial', why: 'One is an initial, and the other begins with it.', m: 0.05, h: 0.02, u: 0.004 },
    { name: 'slip', why: 'The given names are one slip of the keyboard apart.', m: 0.1, h: 0.005, u: 0.002 },
    { name: 'form', why: 'The one is a short or another form of the other.', m: 0.05, h: 0.005, u: 0.003 },
    { name: 'equal', why: 'The given names are equal; a rare name says more.', m: 0.75, h: 0.025, u: 0.003 },
    {
      name: 'in the other column',
      why: 'Given and family name are changed about.',
      m: 0.02,
      h: 0.005,
      u: 0.00001,
    },
  ],
}

/**
 * Given names agree when they are equal, forms of one name, a slip apart, or when one is the other's initial; they
 * are compatible when they agree or are at least so alike that two slips explain it. Anything else is another person;
 * but of two scripts that are not written in one another nothing is known.
 */
export function compareGivenNames(one: NameTerm, other: NameTerm): number {
  if (one.joined === other.joined) return GIVEN.equal
  if (one.script !== other.script) return UNKNOWN
  return isInSigns(one) ? GIVEN.differs : compareLetters(one, other)
}

function compareLetters(one: NameTerm, other: NameTerm): number {
  if (one.isInitial || other.isInitial) return compareInitial(one, other)
  if (areOneName(one, other)) return GIVEN.form
  const [left, right] = one.joined < other.joined ? [one.joined, other.joined] : [other.joined, one.joined]
  const distance = editDistance(left, right, 2)
  if (isSlip(Math.min(left.length, right.length), distance)) return GIVEN.slip
  if (isFormOfSlip(left, right) || isFormOfSlip(right, left)) return GIVEN.form
  const isNear = distance === 2 || one.sound === other.sound
  return isNearlyAlike(left, right, isNear) ? GIVEN.faint : GIVEN.differs
}

const isSlip = (shorter: number, distance: number): boolean =>
  shorter >= 2 && distance <= (shorter >= 6 ? 2 : 1)

const isNearlyAlike = (left: string, right: string, isNear: boolean): boolean => {
  const shorter = Math.min(left.length, right.length)
  return (isNear && shorter >= 3) || (shorter >= 4 && jaroWinkler(left, right) >= 0.85)
}

const areOneName = (one: NameTerm, other: NameTerm): boolean =>
  areForms(one.joined, other.joined) || haveWordInCommon(one, other) || isBeginning(one, other)

function compareInitial(one: NameTerm, other: NameTerm): number {
  const [initial, name] = one.isInitial ? [one.joined, other] : [other.joined, one]
  if (name.words.some((word) => word.startsWith(initial))) return GIVEN.initial
  return hasFormStarting(name.joined, initial) ? GIVEN.faint : GIVEN.differs
}

const haveWordInCommon = (one: NameTerm, other: NameTerm): boolean =>
  (one.words.length > 1 || other.words.length > 1) &&
  one.words.some((word) => word.length > 1 && other.words.includes(word))

/** "Alex" and "Alexander": cut short, not mistyped. */
const isBeginning = (one: NameTerm, other: NameTerm): boolean => {
  const [short, long] =
    one.joined.length < other.joined.length ? [one.joined, other.joined] : [other.joined, one.joined]
  return short.length >= 3 && long.length - short.length >= 2 && long.startsWith(short)
}

/** "Tom" and "thoomas". */
const isFormOfSlip = (form: string, slipped: string): boolean =>
  slipped.length >= 5 && familiesOf(form).some((name) => editDistance(name, slipped, 1) <= 1)
