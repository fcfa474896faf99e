import {
  addressLevel,
  compareCodes,
  comparePlaces,
  compareStreetNames,
  compareStreets,
  compareTowns,
  LIKENESS,
  PLACE,
  STREET,
} from './comparisons/address.ts'
import { UNKNOWN } from './comparisons/comparison.ts'
import { createMemo } from './comparisons/memo.ts'
import type { Column } from './people/column.ts'
import type { People } from './people/people.ts'

/** The address level of two people. */
export function createAddressComparer(people: People): (left: number, right: number) => number {
  const street = likeness(people.street, compareStreetNames)
  const house = likeness(people.house, compareCodes)
  const postcode = likeness(people.postcode, compareCodes)
  const city = likeness(people.city, compareTowns)
  const region = likeness(people.region, compareCodes)
  return (left, right) => {
    const streets = compareStreets(street(left, right), house(left, right))
    const places = comparePlaces(postcode(left, right), city(left, right), region(left, right))
    return streets === STREET.unknown && places === PLACE.unknown ? UNKNOWN : addressLevel(streets, places)
  }
}

function likeness<Term>(
  column: Column<Term>,
  compare: (one: Term, other: Term) => number,
): (left: number, right: number) => number {
  const remembered = createMemo((left, right) => {
    const [one, other] = [column.terms[left], column.terms[right]]
    return one === undefined || other === undefined ? LIKENESS.unknown : compare(one, other)
  })
  return (left, right) => {
    const [one, other] = [column.of[left] ?? 0, column.of[right] ?? 0]
    if (one === 0 || other === 0) return LIKENESS.unknown
    return one === other ? LIKENESS.equal : remembered(one, other)
  }
}
