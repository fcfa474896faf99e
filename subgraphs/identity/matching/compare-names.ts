import { UNKNOWN } from './comparisons/comparison.ts'
import { compareFamilyNames, FAMILY } from './comparisons/family-name.ts'
import { compareGivenNames, GIVEN } from './comparisons/given-name.ts'
import { createMemo } from './comparisons/memo.ts'
import type { HintedNames } from './people/hinted-names.ts'
import { nameTerm, type NameTerm } from './people/name-term.ts'
import type { People } from './people/people.ts'

export interface NamesComparer {
  /** Levels of given and family name, in this order; a name that only a mailbox tells counts if `hints` is set. */
  compare(left: number, right: number, hints: boolean): readonly [given: number, family: number]
  /** False: the names cannot be one person's. Not known is no objection. */
  canBeOne(left: number, right: number): boolean
}

/** Given and family names, each in its own column or both in one another's, whichever fits better. */
export function createNamesComparer(people: People, hinted: HintedNames): NamesComparer {
  const nothing = nameTerm('')
  const givenOf = (number: number): NameTerm => hinted.terms[number] ?? nothing
  const familyOf = (number: number): NameTerm => people.family.terms[number] ?? nothing
  const given = createMemo((left, right) => compareGivenNames(givenOf(left), givenOf(right)))
  const family = createMemo((left, right) => compareFamilyNames(familyOf(left), familyOf(right)))
  const familySounds = new Set(people.family.terms.map(({ sound }) => sound))
  const mayBeFamily = hinted.terms.map(({ sound }) => familySounds.has(sound))

  const givenLevel = (one: number, other: number): number =>
    one === 0 || other === 0 ? UNKNOWN : given(one, other)
  const familyLevel = (one: number, other: number): number =>
    one === 0 || other === 0 ? UNKNOWN : family(one, other)

  const swapped = (left: number, right: number): readonly [number, number] | null => {
    const [leftGiven, rightGiven] = [people.given.of[left] ?? 0, people.given.of[right] ?? 0]
    if (mayBeFamily[leftGiven] !== true && mayBeFamily[rightGiven] !== true) return null
    const [one, other] = [givenOf(leftGiven), givenOf(rightGiven)]
    const [last, otherLast] = [familyOf(people.family.of[left] ?? 0), familyOf(people.family.of[right] ?? 0)]
    if ([one, other, last, otherLast].some(({ joined }) => joined === '')) return null
    const firsts = crossing(one, otherLast)
    const crossed = crossing(last, other)
    const [least, most] = [Math.min(firsts, crossed), Math.max(firsts, crossed)]
    // One of the two must be written out and fit: two initials fit everywhere.
    if (most < GIVEN.slip) return null
    // The other one is wrong, or was changed.
    if (least < GIVEN.initial) return [GIVEN.faint, FAMILY.faint]
    return [GIVEN.swapped, least >= GIVEN.form ? FAMILY.equal : FAMILY.slip]
  }

  /** The given name as written, or the one the mailbox tells where there is none. */
  const givenNumber = (person: number, hints: boolean): number => {
    const hint = hints ? (hinted.of[person] ?? 0) : 0
    return hint === 0 ? (people.given.of[person] ?? 0) : hint
  }

  const compare: NamesComparer['compare'] = (left, right, hints) => {
    const levels = [
      givenLevel(givenNumber(left, hints), givenNumber(right, hints)),
      familyLevel(people.family.of[left] ?? 0, people.family.of[right] ?? 0),
    ] as const
    const isPlain = levels[0] >= GIVEN.initial || levels[1] >= FAMILY.slip
    return isPlain ? levels : (swapped(left, right) ?? levels)
  }
  return {
    compare,
    canBeOne(left, right) {
      const [givenNames, familyNames] = compare(left, right, true)
      return givenNames === UNKNOWN ? familyNames !== FAMILY.differs : givenNames !== GIVEN.differs
    },
  }
}

/** Of two scripts nothing is known, and so nothing speaks for columns changed about. */
const crossing = (one: NameTerm, other: NameTerm): number => {
  const level = compareGivenNames(one, other)
  return level === UNKNOWN ? GIVEN.differs : level
}
